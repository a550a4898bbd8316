//! Extism: compiled once, a time-out armed, a new plugin for each call or one that is kept.

use std::time::Duration;

use anyhow::Result;
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};

pub struct Extism {
    compiled: CompiledPlugin,
}

impl Extism {
    pub fn new(wasm: &[u8]) -> Result<Extism> {
        let manifest = Manifest::new([Wasm::data(wasm)]).with_timeout(Duration::from_secs(10));
        let compiled = PluginBuilder::new(manifest)
            .with_wasi(false)
            .with_cache_disabled()
            .compile()?;
        Ok(Extism { compiled })
    }

    pub fn warm(&self) -> Result<Plugin> {
        Plugin::new_from_compiled(&self.compiled)
    }

    pub fn pristine(&self, function: &str, input: &[u8]) -> Result<usize> {
        call(&mut self.warm()?, function, input)
    }
}

pub fn call(plugin: &mut Plugin, function: &str, input: &[u8]) -> Result<usize> {
    Ok(plugin.call::<&[u8], &[u8]>(function, input)?.len())
}
