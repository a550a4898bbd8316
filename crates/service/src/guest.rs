//! An embedded guest: loaded through the sandbox's module cache, linked with nothing but a way to say that it
//! panicked, called with named arguments.

use std::sync::Arc;

use bytes::Bytes;
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::text::clean;
use wardian_sandbox::{
    Binding, Call, Contract, Host, HostError, Imports, Limits, Linked, Sandbox, Source, Usage,
};

use crate::ServiceError;

/// Characters of a guest's message that are shown.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// What a service wants of its guest, whoever built it.
pub(crate) struct Wanted {
    pub(crate) functions: &'static [&'static str],
    /// The codes of its errors; another one is a broken contract.
    pub(crate) codes: &'static [&'static str],
    /// What its answers may consist of.
    pub(crate) answers: DecodeLimits,
}

/// A guest that is ready to be called. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Guest {
    linked: Linked<()>,
    wanted: &'static Wanted,
    limits: Arc<Limits>,
}

impl Guest {
    pub(crate) async fn load(
        sandbox: &Sandbox,
        source: Source,
        wanted: &'static Wanted,
        limits: Limits,
    ) -> Result<Guest, ServiceError> {
        let module = sandbox.load(source).await?;
        let imports = Imports::new().define_final("wardian", "panic", None, panicked);
        let mut binding = Binding::with_imports(Contract::service(wanted.functions), imports);
        binding.limits = Some(limits.clone());
        Ok(Guest {
            linked: module.link(&binding)?,
            wanted,
            limits: Arc::new(limits),
        })
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn with_limits(self, limits: Limits) -> Guest {
        Guest {
            limits: Arc::new(limits),
            ..self
        }
    }

    /// Calls `function`; `read` takes the answer's value apart, and is given the answer's bytes to share.
    pub(crate) async fn call<T>(
        &self,
        function: &'static str,
        arguments: Arguments<'_>,
        read: impl FnOnce(&Value<'_>, &Bytes, &Usage) -> Result<T, String>,
    ) -> Result<T, ServiceError> {
        let broken = |what: String, usage: &Usage| ServiceError::Answer {
            what,
            usage: Box::new(*usage),
        };
        let request = arguments
            .encode()
            .map_err(|e| broken(e.to_string(), &Usage::default()))?;
        let call = Call::bytes(function, request).limits(Limits::clone(&self.limits));
        let outcome = self.linked.call(call).await;
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
        let response = Response::decode(&answer, &self.wanted.answers);
        match response.map_err(|e| broken(e.to_string(), &usage))? {
            Response::Ok(value) => read(&value, &answer, &usage)
                .map_err(|why| broken(format!("`{function}` answered wrongly: {why}"), &usage)),
            Response::Err(error) => {
                match self.wanted.codes.iter().find(|code| **code == error.code) {
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
fn panicked(host: &mut Host<'_, ()>, (ptr, len): (i32, i32)) -> HostError {
    host.read(ptr, len)
        .map_or_else(|outside| outside, HostError::panic)
}
