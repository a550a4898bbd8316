//! Compiling without loading: into the disk cache when a program is installed, or into a directory that others use.

use std::sync::Arc;

use super::{Looked, Work, make, wasmtime_version};
use crate::caps::Scanned;
use crate::disk::{AheadConfig, AheadWriter, DiskCache, DiskError};
use crate::error::LoadError;
use crate::helper::CancelFlag;
use crate::module::Source;
use crate::sandbox::Sandbox;

/// What became of a module that was to be compiled and not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warmed {
    /// It lay there already, and authenticates.
    pub was_there: bool,
    /// Bytes of its machine code and what belongs to that.
    pub artifact_bytes: u64,
}

impl Sandbox {
    /// Sees to it that a module lies compiled in the disk cache, without loading it: for the moment when a program is
    /// installed, so that nobody waits later.
    pub async fn warm(&self, source: Source) -> Result<Warmed, LoadError> {
        let disk = self.core.loader.disk.clone();
        let disk = disk.ok_or_else(|| LoadError::NotKept("there is no disk cache".into()))?;
        self.keep(source, disk).await
    }

    /// The same on the caller's own thread, which it blocks.
    pub fn warm_blocking(&self, source: Source) -> Result<Warmed, LoadError> {
        futures_lite::future::block_on(self.warm(source))
    }

    /// Opens or makes a directory for modules compiled ahead.
    pub fn ahead_writer(&self, config: &AheadConfig) -> Result<AheadWriter, DiskError> {
        AheadWriter::create(config, wasmtime_version())
    }

    /// Sees to it that a module lies compiled in a directory of modules compiled ahead, for this sandbox's
    /// [`crate::EngineSettings::target_cpu`]: a baseline, which this machine need not have. Sandboxes with the same
    /// settings beside `target_cpu` find it there.
    pub async fn compile_ahead(
        &self,
        source: Source,
        into: &AheadWriter,
    ) -> Result<Warmed, LoadError> {
        self.keep(source, into.cache.clone()).await
    }

    /// The same on the caller's own thread, which it blocks.
    pub fn compile_ahead_blocking(
        &self,
        source: Source,
        into: &AheadWriter,
    ) -> Result<Warmed, LoadError> {
        futures_lite::future::block_on(self.compile_ahead(source, into))
    }

    async fn keep(&self, source: Source, cache: Arc<DiskCache>) -> Result<Warmed, LoadError> {
        let work = self.work(source).await?;
        let look = {
            let cache = cache.clone();
            move |work: &Work| work.look_in(&cache)
        };
        let compile =
            move |work: &Work, seen, cancel: &CancelFlag| work.compile_into(&cache, seen, cancel);
        make(work, look, compile).await
    }
}

impl Work {
    /// Looks into one cache, whether or not this machine could run what is there.
    fn look_in(&self, cache: &DiskCache) -> Result<Looked<Warmed>, LoadError> {
        let seen = self.scan()?;
        let found = cache.lookup(&self.key(seen.kind)?);
        Ok(found.map_or(Looked::Missing(seen), |entry| {
            Looked::Found(Warmed {
                was_there: true,
                artifact_bytes: entry.artifact_bytes,
            })
        }))
    }

    /// Compiles and keeps the artifact, and no more.
    fn compile_into(
        &self,
        cache: &DiskCache,
        seen: Scanned,
        cancel: &CancelFlag,
    ) -> Result<Warmed, LoadError> {
        let artifact = self.artifact(seen.kind, true, cancel)?;
        cache
            .store(&self.key(seen.kind)?, self.meta(), &artifact)
            .map_err(|error| LoadError::NotKept(said(&error)))?;
        Ok(Warmed {
            was_there: false,
            artifact_bytes: artifact.len() as u64,
        })
    }
}

/// An error of the disk with what the system said.
fn said(error: &DiskError) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
