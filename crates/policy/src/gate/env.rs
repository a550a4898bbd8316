//! Environment variables behind a gate.

use super::{Denied, Gated};

/// Where variables are read from: the process, or a map in tests.
pub trait EnvVars: Send + Sync {
    /// The value of a variable; none where it is not set, or no text.
    fn read(&self, name: &str) -> Option<String>;
}

/// The variables of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnv;

impl EnvVars for ProcessEnv {
    fn read(&self, name: &str) -> Option<String> {
        // The standard library takes neither of them for a name.
        let is_name = !name.is_empty() && !name.contains(['=', '\0']);
        is_name.then(|| std::env::var(name).ok()).flatten()
    }
}

impl<T: EnvVars> Gated<T> {
    /// Reads a variable: action `env.read` on `env_var` of its name.
    ///
    /// # Errors
    /// [`Denied`]; the variable was not looked at.
    pub async fn var(&self, name: &str) -> Result<Option<String>, Denied> {
        self.ask("env.read", "env_var", name).await?;
        Ok(self.inner.read(name))
    }
}
