//! A database behind a gate: queries have names, and the names are what a policy allows.

use std::future::Future;

use super::{GateError, Gated};

/// What a host has: queries that it prepared under names. Text of a query never comes from whoever asks.
pub trait Sql: Send + Sync {
    /// What a query is given.
    type Parameters: Send;
    /// What a query gives.
    type Rows: Send;
    /// Why it failed.
    type Error: Send;

    /// Runs the query of this name, which only reads.
    fn query(
        &self,
        name: &str,
        parameters: Self::Parameters,
    ) -> impl Future<Output = Result<Self::Rows, Self::Error>> + Send;

    /// Runs the statement of this name; gives the rows that it changed.
    fn execute(
        &self,
        name: &str,
        parameters: Self::Parameters,
    ) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}

impl<T: Sql> Gated<T> {
    /// Reads: action `db.read` on `sql_query` of this name.
    ///
    /// # Errors
    /// [`GateError::Denied`], and then nothing was read; [`GateError::Failed`].
    pub async fn query(
        &self,
        name: &str,
        parameters: T::Parameters,
    ) -> Result<T::Rows, GateError<T::Error>> {
        self.ask("db.read", "sql_query", name).await?;
        let rows = self.inner.query(name, parameters).await;
        rows.map_err(GateError::Failed)
    }

    /// Writes: action `db.write` on `sql_query` of this name.
    ///
    /// # Errors
    /// [`GateError::Denied`], and then nothing was written; [`GateError::Failed`].
    pub async fn execute(
        &self,
        name: &str,
        parameters: T::Parameters,
    ) -> Result<u64, GateError<T::Error>> {
        self.ask("db.write", "sql_query", name).await?;
        let changed = self.inner.execute(name, parameters).await;
        changed.map_err(GateError::Failed)
    }
}
