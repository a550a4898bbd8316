//! An embedded guest: loaded through the sandbox's module cache, linked with nothing but a way to say that it
//! panicked, called with named arguments.

use bytes::Bytes;
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::text::clean;
use wardian_sandbox::{
    Binding, Call, Contract, Cpu, Host, HostError, Imports, Limits, Linked, Sandbox, Source, Usage,
};

use crate::ServiceError;

/// Characters of a guest's message that are shown.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// What a service embeds.
pub(crate) struct Embedded {
    pub(crate) name: &'static str,
    pub(crate) module: &'static [u8],
    pub(crate) functions: &'static [&'static str],
    /// The codes of its errors; another one is a broken contract.
    pub(crate) codes: &'static [&'static str],
    pub(crate) fuel: u64,
    pub(crate) limits: fn() -> Limits,
}

/// A guest that is ready to be called. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Guest {
    linked: Linked<()>,
    embedded: &'static Embedded,
}

impl Guest {
    pub(crate) async fn load(
        sandbox: &Sandbox,
        embedded: &'static Embedded,
    ) -> Result<Guest, ServiceError> {
        let bytes = Bytes::from_static(embedded.module);
        let source = Source::new(embedded.name, bytes).cpu(Cpu::Fuel(embedded.fuel));
        let module = sandbox.load(source).await?;
        let imports = Imports::new().define_sync("wardian", "panic", None, panicked);
        let mut binding = Binding::with_imports(Contract::service(embedded.functions), imports);
        binding.limits = Some((embedded.limits)());
        Ok(Guest {
            linked: module.link(&binding)?,
            embedded,
        })
    }

    /// Calls `function`; `read` takes the answer's value apart, and is given the answer's bytes to share.
    pub(crate) async fn call<T>(
        &self,
        function: &'static str,
        arguments: Arguments<'_>,
        read: impl FnOnce(&Value<'_>, &Bytes, &Usage) -> Option<T>,
    ) -> Result<T, ServiceError> {
        let broken = |what: String, usage: &Usage| ServiceError::Answer {
            what,
            usage: Box::new(*usage),
        };
        let request = arguments
            .encode()
            .map_err(|e| broken(e.to_string(), &Usage::default()))?;
        let outcome = self.linked.call(Call::bytes(function, request)).await;
        let usage = outcome.usage;
        let answer = match outcome.result {
            Ok(answer) => answer.into_bytes(),
            Err(source) => {
                return Err(ServiceError::Call {
                    source,
                    usage: Box::new(usage),
                });
            }
        };
        let response = Response::decode(
            &answer,
            &DecodeLimits {
                depth_max: 8,
                values_max: 1_000,
            },
        );
        match response.map_err(|e| broken(e.to_string(), &usage))? {
            Response::Ok(value) => read(&value, &answer, &usage).ok_or_else(|| {
                broken(
                    format!("`{function}` answered with something else than it promises"),
                    &usage,
                )
            }),
            Response::Err(error) => {
                match self.embedded.codes.iter().find(|code| **code == error.code) {
                    Some(code) => Err(ServiceError::Refused {
                        code,
                        message: clean(error.message.as_bytes(), MESSAGE_CHARS_MAX),
                        usage: Box::new(usage),
                    }),
                    None => Err(broken(
                        format!(
                            "`{function}` answered with the unknown code {:?}",
                            error.code
                        ),
                        &usage,
                    )),
                }
            }
        }
    }
}

/// Ends the call with the guest's last words.
fn panicked(host: &mut Host<'_, ()>, (ptr, len): (i32, i32)) -> Result<(), HostError> {
    let words = host.read(ptr, len)?;
    Err(HostError::panic(words))
}
