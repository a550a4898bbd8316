//! A folder of its own for every test, and the binary run inside it.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// A folder that vanishes; the binary's home, too.
pub struct Place {
    folder: tempfile::TempDir,
    cache: PathBuf,
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub exit: Option<i32>,
    pub out: Vec<u8>,
    pub err: String,
    folder: String,
}

impl Place {
    /// With a cache of its own.
    pub fn new() -> Place {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cache = folder.path().join("cache");
        Place { folder, cache }
    }

    /// With the cache that all tests of embedded guests share; the image guest is in it.
    pub fn with_image() -> Place {
        static WARM: OnceLock<()> = OnceLock::new();
        let place = Place::with_cache();
        WARM.get_or_init(|| {
            let info = ["--quiet", "image", "info"];
            // Whether it has to be compiled first depends on what ran before.
            place.run_with(info, &bmp(1, 1)).well();
        });
        place
    }

    /// The same, with the sheet guest in it.
    pub fn with_sheet() -> Place {
        static WARM: OnceLock<()> = OnceLock::new();
        let place = Place::with_cache();
        WARM.get_or_init(|| {
            place.run_with(["--quiet", "sheet", "list"], b"a\n").well();
        });
        place
    }

    /// The same, with the PDF guest in it.
    pub fn with_pdf() -> Place {
        static WARM: OnceLock<()> = OnceLock::new();
        let place = Place::with_cache();
        WARM.get_or_init(|| {
            place.run_with(["--quiet", "pdf", "render"], b"x").well();
        });
        place
    }

    fn with_cache() -> Place {
        Place {
            cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-cache"),
            ..Place::new()
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file in a folder of our own");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file is there")
    }

    /// Names in the folder, sorted, the cache left out.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).expect("our own folder");
        let names = entries.map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        let mut names: Vec<String> = names.filter(|name| name != "cache").collect();
        names.sort();
        names
    }

    /// Names in a folder of it, sorted.
    pub fn names_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder is there");
        let names = entries.map(|entry| entry.expect("entry").file_name());
        let mut names: Vec<String> = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    pub fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardian"));
        command
            .arg("--cache-dir")
            .arg(&self.cache)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env_remove("XDG_CACHE_HOME")
            .env_remove("RUST_LOG")
            .env("COLUMNS", "100")
            .stdin(Stdio::null());
        command
    }

    pub fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, arguments: I) -> Ran {
        self.ran(self.command(arguments).output().expect("the binary starts"))
    }

    /// With bytes on standard input.
    pub fn run_with<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        arguments: I,
        input: &[u8],
    ) -> Ran {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_owned();
        // It may end without reading all of it.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("the binary ends");
        let _ = writer.join().expect("no panic");
        self.ran(output)
    }

    pub fn ran(&self, output: Output) -> Ran {
        Ran {
            exit: output.status.code(),
            out: output.stdout,
            err: String::from_utf8(output.stderr).expect("errors are text"),
            folder: self.folder.path().to_string_lossy().into_owned(),
        }
    }
}

impl Ran {
    /// It ended well and had nothing to complain about.
    #[track_caller]
    pub fn well(self) -> Ran {
        assert_eq!(
            (self.exit, self.err.as_str()),
            (Some(0), ""),
            "{}",
            String::from_utf8_lossy(&self.out)
        );
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.out.clone()).expect("output is text")
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.text(), self.err))
    }

    /// All of it, for a snapshot; what varies is replaced.
    pub fn whole(&self) -> String {
        let exit = self
            .exit
            .map_or("by a signal".into(), |code| code.to_string());
        let text = format!(
            "exit: {exit}\n--- out\n{}--- err\n{}",
            self.text(),
            self.err
        );
        text.replace(&self.folder, "FOLDER")
    }
}

/// Snapshots without the numbers that differ from run to run.
#[macro_export]
macro_rules! snapshot {
    ($value:expr, @$($snapshot:tt)*) => {
        insta::with_settings!({ filters => vec![
            (r"\d+(\.\d+)? (ns|µs|ms|s)\b", "[time]"),
            (r#""(wall|guest)_us": \d+"#, r#""${1}_us": [time]"#),
            (r"\b[0-9a-f]{64}\b", "[digest]"),
            (r"\b[0-9a-f]{16}\b", "[digest]"),
            (r"ed25519:[A-Za-z0-9+/]{43}=", "ed25519:[key]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[moment]"),
        ] }, { insta::assert_snapshot!($value, @$($snapshot)*) });
    };
}

/// A picture in 24 bits, every pixel another colour.
pub fn bmp(width: u32, height: u32) -> Vec<u8> {
    let stride = (width * 3).next_multiple_of(4);
    let mut bytes = Vec::from(*b"BM");
    for word in [54 + stride * height, 0, 54, 40, width, height] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    for y in 0..height {
        let row = (0..width).flat_map(|x| [(x * 7) as u8, (y * 11) as u8, (x * y) as u8]);
        let row: Vec<u8> = row
            .chain(std::iter::repeat(0))
            .take(stride as usize)
            .collect();
        bytes.extend(row);
    }
    bytes
}

/// Guests in the text format.
pub mod wat {
    pub const ADDER: &str = r#"(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "wide") (param i64 f32 f64) (result i64 f32 f64) (local.get 0) (local.get 1) (local.get 2))
  (func $divide (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "divide") (param i32 i32) (result i32)
    (call $divide (local.get 0) (local.get 1)))
  (func (export "spin") (loop $again (br $again)))
  (func (export "grow") (param i32) (if (i32.lt_s (memory.grow (local.get 0)) (i32.const 0)) (then unreachable)))
  (memory (export "memory") 1))"#;

    /// Answers `answer`, whatever it is asked, as a function of the service ABI and as a guard.
    pub fn answering(answer: &[u8]) -> String {
        let data: String = answer.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let packed = (1024_u64 << 32) | answer.len() as u64;
        format!(
            r#"(module (memory (export "memory") 2) (data (i32.const 1024) "{data}")
  (func (export "alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "ask") (param i32 i32) (result i64) (i64.const {packed}))
  (func (export "eval") (param i32 i32) (result i64) (i64.const {packed})))"#
        )
    }

    /// Answers with what it was given.
    pub const ECHO: &str = r#"(module (memory (export "memory") 2)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "echo") (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))"#;
}
