//! What the built-in rules know: six actions, and the kind of resource that each is about.

/// A built-in action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// `env.read`.
    EnvRead,
    /// `cache.read`.
    CacheRead,
    /// `cache.write`.
    CacheWrite,
    /// `db.read`.
    DbRead,
    /// `db.write`.
    DbWrite,
    /// `http.outbound`.
    HttpOutbound,
}

/// What a resource is; each is also a section of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `env_var`, by its name; section `env`.
    EnvVar,
    /// `namespace` of a cache; section `cache`.
    Namespace,
    /// `sql_query`, by its name; section `sql`.
    SqlQuery,
    /// `host`; section `hosts`.
    Host,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 6] = [
        Action::EnvRead,
        Action::CacheRead,
        Action::CacheWrite,
        Action::DbRead,
        Action::DbWrite,
        Action::HttpOutbound,
    ];

    /// The action of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.name() == name)
    }

    /// Its name in inputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Action::EnvRead => "env.read",
            Action::CacheRead => "cache.read",
            Action::CacheWrite => "cache.write",
            Action::DbRead => "db.read",
            Action::DbWrite => "db.write",
            Action::HttpOutbound => "http.outbound",
        }
    }

    /// What it is done to.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Action::EnvRead => Kind::EnvVar,
            Action::CacheRead | Action::CacheWrite => Kind::Namespace,
            Action::DbRead | Action::DbWrite => Kind::SqlQuery,
            Action::HttpOutbound => Kind::Host,
        }
    }
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 4] = [Kind::EnvVar, Kind::Namespace, Kind::SqlQuery, Kind::Host];

    /// Its name in inputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::EnvVar => "env_var",
            Kind::Namespace => "namespace",
            Kind::SqlQuery => "sql_query",
            Kind::Host => "host",
        }
    }

    /// Its section in a policy's document.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Kind::EnvVar => "env",
            Kind::Namespace => "cache",
            Kind::SqlQuery => "sql",
            Kind::Host => "hosts",
        }
    }
}
