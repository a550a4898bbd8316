//! What every core module may import without a grant, because it learns nothing by it: WASI preview 1, denied, and
//! AssemblyScript's `env.abort`.

use wasmtime::{Caller, Linker};

use crate::assemblyscript::read_abort;
use crate::error::HostError;
use crate::host::Host;
use crate::state::{Level, State};
use crate::wasi::{self, Stream, WasiHost, WasiState};

/// Defines what `module` imports of it.
pub(crate) fn offer(linker: &mut Linker<State>, module: &wasmtime::Module) -> wasmtime::Result<()> {
    if module.imports().any(|i| i.module() == wasi::MODULE) {
        wasi::link(linker)?;
    }
    if module
        .imports()
        .any(|i| i.module() == "env" && i.name() == "abort")
    {
        linker.func_wrap("env", "abort", abort)?;
    }
    Ok(())
}

/// Whether what is offered by that name ends the call.
pub(crate) fn is_final(module: &str, name: &str) -> bool {
    (module, name) == ("env", "abort")
}

/// Ends the call as a guest panic with AssemblyScript's words.
fn abort(
    caller: Caller<'_, State>,
    message: i32,
    file: i32,
    line: i32,
    column: i32,
) -> wasmtime::Result<()> {
    let mut host = Host::<()>::core(caller);
    host.enter().map_err(wasmtime::Error::new)?;
    let memory = host.all().map_err(wasmtime::Error::new)?;
    let [message, file, line, column] = [message, file, line, column].map(i32::cast_unsigned);
    let text = read_abort(memory, message, file, line, column);
    Err(wasmtime::Error::new(HostError::panic(text.as_bytes())))
}

impl WasiHost for State {
    fn wasi(&mut self) -> &mut WasiState {
        &mut self.wasi
    }

    fn output(&mut self, stream: Stream, bytes: &[u8]) -> wasmtime::Result<()> {
        let level = match stream {
            Stream::Out => Level::Info,
            Stream::Err => Level::Warn,
        };
        self.log.write(&self.module, level, bytes);
        Ok(())
    }

    fn count_call(&mut self) -> wasmtime::Result<()> {
        self.count_host_call().map_err(wasmtime::Error::new)?;
        // A call may take the host long for the fuel it takes the guest, so the engine's yields come too late.
        self.check_clock().map_err(wasmtime::Error::new)
    }

    fn charge(&mut self, fuel: u64, left: u64) -> wasmtime::Result<()> {
        self.fuel_debt = self.fuel_debt.saturating_add(fuel);
        if self.fuel_debt > left {
            return Err(wasmtime::Trap::OutOfFuel.into());
        }
        Ok(())
    }

    fn exit(&mut self, code: u32) -> wasmtime::Error {
        let tail = self.log.tail();
        let message = format!(
            "exited with code {code}{}{}",
            if tail.is_empty() { "" } else { ": " },
            crate::ending::last_words(&tail)
        );
        wasmtime::Error::new(HostError(crate::error::CallError::Panic {
            message,
            trap: None,
        }))
    }
}
