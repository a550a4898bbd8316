//! The hostile corpus, file by file: each guest ends as its first line says, and harms nobody after it.
//!
//! One line per file in the runner's output; `guests/hostile/README.md` describes the files.

#[path = "hostile/host.rs"]
mod host;
#[path = "hostile/play.rs"]
mod play;

fn main() -> std::process::ExitCode {
    wardian_testkit::hostile::stage::run::<play::Alone>()
}
