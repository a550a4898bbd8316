//! The host functions that hostile guests may call, as `guests/hostile/README.md` lists them.

use std::time::Duration;

use bytes::Bytes;
use wardian_sandbox::{Host, HostError, Imports, Value};

pub fn imports() -> Imports<()> {
    Imports::new()
        .define("test", "sleep", None, |_host, (ms,): (i32,)| {
            Box::new(async move {
                tokio::time::sleep(Duration::from_millis(u64::from(ms.cast_unsigned()))).await;
                Ok(())
            })
        })
        .define_sync(
            "test",
            "note",
            None,
            |host: &mut Host<'_, ()>, (ptr, len): (i32, i32)| {
                let text = host.read(ptr, len)?.to_vec();
                host.log(1, &text);
                Ok(())
            },
        )
        .define("test", "echo", None, |mut host, (ptr, len): (i32, i32)| {
            Box::new(async move {
                let bytes = Bytes::copy_from_slice(host.read(ptr, len)?);
                host.give(&bytes).await
            })
        })
        .define_sync("test", "fail", None, |_host: &mut Host<'_, ()>, ()| {
            Err::<(), _>(HostError::failed(std::io::Error::other(
                "the host's own failure",
            )))
        })
        .define_sync(
            "test",
            "secret",
            Some("secret"),
            |_host: &mut Host<'_, ()>, ()| Ok(42),
        )
        .define_component("test:host/api", "note", None, |mut host, arguments| {
            Box::new(async move {
                match arguments.as_slice() {
                    [Value::String(text)] => host.log(1, text.as_bytes()),
                    other => {
                        return Err(HostError::contract(format!(
                            "`note` takes a text, given {other:?}"
                        )));
                    }
                }
                Ok(Vec::new())
            })
        })
        .define_component("test:host/api", "tick", None, |_host, _arguments| {
            Box::new(async move { Ok(Vec::new()) })
        })
}
