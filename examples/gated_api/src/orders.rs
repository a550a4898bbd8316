//! The database: queries under names, which are what a policy allows. A name that only reads is not found where it would
//! write. Who waits for the connection waits without a thread.

use std::sync::Arc;

use anyhow::Context as _;
use rusqlite::{Connection, params_from_iter, types::Value};
use serde_json::json;
use tokio::{sync::Mutex, task::spawn_blocking};
use wardian::policy::gate::Sql;

/// A hundred thousand orders are kept.
const SCHEMA: &str = "CREATE TABLE orders (id INTEGER PRIMARY KEY CHECK (id <= 100000), \
    item TEXT NOT NULL, quantity INTEGER NOT NULL)";
const READS: &[(&str, &str)] = &[(
    "orders.list",
    "SELECT id, item, quantity FROM orders WHERE id > ?1 ORDER BY id LIMIT 1000",
)];
const WRITES: &[(&str, &str)] = &[(
    "orders.create",
    "INSERT INTO orders (item, quantity) VALUES (?1, ?2)",
)];

#[derive(Debug)]
pub struct Orders(Arc<Mutex<Connection>>);

impl Orders {
    pub fn in_memory() -> rusqlite::Result<Orders> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(SCHEMA)?;
        Ok(Orders(Arc::new(Mutex::new(connection))))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let connection = self.0.clone().lock_owned().await;
        Ok(spawn_blocking(move || work(&connection)).await??)
    }
}

impl Sql for Orders {
    type Parameters = Vec<Value>;
    type Rows = Vec<serde_json::Value>;
    type Error = anyhow::Error;

    async fn query(&self, name: &str, parameters: Vec<Value>) -> anyhow::Result<Self::Rows> {
        let text = named(READS, name)?;
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(text)?;
            let rows = statement.query_map(params_from_iter(parameters), |row| {
                let (id, quantity): (i64, u32) = (row.get("id")?, row.get("quantity")?);
                Ok(json!({"id": id, "item": row.get::<_, String>("item")?, "quantity": quantity}))
            })?;
            rows.collect()
        };
        self.run(work).await
    }

    async fn execute(&self, name: &str, parameters: Vec<Value>) -> anyhow::Result<u64> {
        let text = named(WRITES, name)?;
        let work = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(text)?;
            Ok(statement.execute(params_from_iter(parameters))? as u64)
        };
        self.run(work).await
    }
}

fn named(queries: &[(&str, &'static str)], name: &str) -> anyhow::Result<&'static str> {
    let found = queries.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text).context("no such query")
}
