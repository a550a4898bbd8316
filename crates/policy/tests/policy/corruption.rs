//! Artifacts that are corrupted, replaced and taken away while checks run: no policy becomes active that was not pinned, and
//! the one that is active goes on.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use wardian_policy::artifact::{Artifact, Moment, Policies, PolicyName, Proof};
use wardian_policy::{CacheConfig, DecisionPoint, Input, PointConfig, PolicySettings, make};
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_testkit::swaps::{POLICIES, Swaps, document};

use crate::guests::{says, with_meta};

const ROUNDS: u64 = 64;

/// What happens to the file of the active artifact, and the code that loading it then ends with.
type Harm = (&'static str, fn(&Path, &[u8]), &'static str);

const HARMS: [Harm; 6] = [
    (
        "a bit is another",
        |file, bytes| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(file, bytes).unwrap();
        },
        "artifact.corrupt",
    ),
    (
        "the half is missing",
        |file, bytes| {
            fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        },
        "artifact.corrupt",
    ),
    (
        "it is empty",
        |file, _| fs::write(file, "").unwrap(),
        "artifact.corrupt",
    ),
    (
        "it is one that allows everything",
        |file, _| {
            fs::write(file, with_meta(&says(r#"{"kind":"allow"}"#), true, &[])).unwrap();
        },
        "artifact.corrupt",
    ),
    (
        "it is gone",
        |file, _| fs::remove_file(file).unwrap(),
        "artifact.file_missing",
    ),
    (
        "it is a folder",
        |file, _| {
            fs::remove_file(file).unwrap();
            fs::create_dir(file).unwrap();
        },
        "artifact.file_not_regular",
    ),
];

/// A host whose operator pins policies, and the files that this is done with.
struct Operator {
    sandbox: Sandbox,
    policies: Policies,
    name: PolicyName,
    settings: PolicySettings,
    store: PathBuf,
}

impl Operator {
    fn new(folder: &Path) -> Operator {
        let (lock, store) = (folder.join("lock"), folder.join("store"));
        let pinned = json!({"name": "shop", "lock": lock, "store": store});
        // A machine that is busy otherwise is not what is tested.
        let settings = json!({"checker": "wasm", "pinned": pinned, "deadline_ms": 1_000});
        Operator {
            sandbox: Sandbox::new(SandboxConfig::default()).unwrap(),
            policies: Policies::open_or_make(&lock, &store).unwrap(),
            name: "shop".parse().unwrap(),
            settings: serde_json::from_value(settings).unwrap(),
            store,
        }
    }

    /// Makes and pins policy n; its file in the store, and what is in it.
    fn pin(&self, n: u64) -> (PathBuf, Vec<u8>) {
        let core = make::from_document(&self.sandbox, document(n).as_bytes()).unwrap();
        let wasm = with_meta(&core, n.is_multiple_of(2), &[]);
        let artifact = Artifact::from_bytes(wasm.clone()).unwrap();
        let now = Moment::now();
        self.policies
            .pin(&self.name, &artifact, Proof::Unsigned, now)
            .unwrap();
        (self.store.join(artifact.digest().hex()), wasm)
    }
}

#[test]
fn artifacts_that_are_harmed_under_load_do_not_become_active() {
    let folder = tempfile::tempdir().unwrap();
    let operator = Operator::new(folder.path());
    operator.pin(0);
    let config = PointConfig {
        cache: Some(CacheConfig::default()),
        ..PointConfig::default()
    };
    let first = operator.settings.load_blocking(&operator.sandbox).unwrap();
    let point = DecisionPoint::shared(first, config);
    let swaps = Swaps::new(0, ROUNDS as usize);
    let is_allowed = |variable: u64| {
        let input = Input::new("env.read", "env_var", variable.to_string());
        point.check_blocking(&input).is_allow()
    };
    swaps.under_load(is_allowed, || {
        for round in 1..=ROUNDS {
            let policy = round % POLICIES;
            let (file, bytes) = operator.pin(policy);
            let (name, harm, code) = HARMS[round as usize % HARMS.len()];
            harm(&file, &bytes);
            let refused = operator.settings.load_blocking(&operator.sandbox);
            assert_eq!(refused.unwrap_err().code(), code, "{name}");
            // The operator mends it, as the message says: it is removed, and pinned again.
            let _ = fs::remove_dir(&file);
            let _ = fs::remove_file(&file);
            let (_, again) = operator.pin(policy);
            assert_eq!(again, bytes);
            let loaded = operator.settings.load_blocking(&operator.sandbox).unwrap();
            swaps.swap(policy, || point.replace_shared(loaded));
        }
    });
}
