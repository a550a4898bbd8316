//! A cache or key-value store behind a gate.

use std::future::Future;

use super::{GateError, Gated};

/// What a host has: values by key, in namespaces.
pub trait KeyValue: Send + Sync {
    /// Why it failed.
    type Error: Send;

    /// Reads a value.
    fn read(
        &self,
        namespace: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Self::Error>> + Send;

    /// Writes a value.
    fn write(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<T: KeyValue> Gated<T> {
    /// Reads a value: action `cache.read` on `namespace`.
    ///
    /// # Errors
    /// [`GateError::Denied`], and then nothing was read; [`GateError::Failed`].
    pub async fn read(
        &self,
        namespace: &str,
        key: &str,
    ) -> Result<Option<Vec<u8>>, GateError<T::Error>> {
        self.ask("cache.read", "namespace", namespace).await?;
        let read = self.inner.read(namespace, key).await;
        read.map_err(GateError::Failed)
    }

    /// Writes a value: action `cache.write` on `namespace`.
    ///
    /// # Errors
    /// [`GateError::Denied`], and then nothing was written; [`GateError::Failed`].
    pub async fn write(
        &self,
        namespace: &str,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), GateError<T::Error>> {
        self.ask("cache.write", "namespace", namespace).await?;
        let written = self.inner.write(namespace, key, value).await;
        written.map_err(GateError::Failed)
    }
}
