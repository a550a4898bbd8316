//! The child's side: limits first, then the module, then the compiler.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, Signal};

use super::Job;
use super::wire::{self, Reply, WireError};

/// A compiler opens nothing.
const OPEN_FILES_MAX: u64 = 64;
/// Reserved but unwritten address space (allocator arenas, thread stacks, the program itself) on top of twice the data.
const ADDRESS_SPACE_EXTRA_BYTES: u64 = 1 << 30;
/// The parent's deadline is by the clock; this one only ends what the parent did not live to end.
const CPU_EXTRA: Duration = Duration::from_secs(5);

/// What a helper program does: reads one request from standard input, compiles, writes one reply to standard output.
///
/// The process gives up what it does not need (core dumps, files, new privileges), dies with its parent, and limits its
/// own memory and processor time before it reads the module.
pub fn worker_main(compile: impl FnOnce(&Job, &[u8]) -> Result<Vec<u8>, String>) -> ExitCode {
    // The descriptors themselves: standard output's own buffer would look for line ends in machine code.
    let (Ok(input), Ok(output)) = (own(&io::stdin()), own(&io::stdout())) else {
        return ExitCode::FAILURE;
    };
    serve(input, output, compile)
}

fn own(fd: &impl AsFd) -> io::Result<File> {
    fd.as_fd().try_clone_to_owned().map(File::from)
}

pub(super) fn serve(
    mut input: impl Read,
    output: File,
    compile: impl FnOnce(&Job, &[u8]) -> Result<Vec<u8>, String>,
) -> ExitCode {
    let reply = match prepare(&mut input) {
        Err(problem) => Reply::Failed(problem),
        Ok((job, module)) => match compile(&job, &module) {
            Ok(artifact) => Reply::Artifact(artifact),
            Err(text) => Reply::Refused(text),
        },
    };
    match wire::write_reply(output, &reply) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn prepare(input: &mut impl Read) -> Result<(Job, Vec<u8>), String> {
    give_up_what_is_not_needed().map_err(|error| format!("cannot give up rights: {error}"))?;
    let in_words = |error: WireError| format!("bad request: {error}");
    let job = wire::read_job(&mut *input).map_err(in_words)?;
    limit_self(&job).map_err(|error| format!("cannot limit itself: {error}"))?;
    let module = wire::read_module(input, job.module_bytes_max).map_err(in_words)?;
    Ok((job, module))
}

fn give_up_what_is_not_needed() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // Killed when the thread that waits for us is gone, however it went.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        rustix::thread::set_no_new_privs(true)?;
    }
    at_most(Resource::Core, 0, 0)?;
    at_most(Resource::Nofile, OPEN_FILES_MAX, OPEN_FILES_MAX)
}

fn limit_self(job: &Job) -> io::Result<()> {
    // What is written to counts (RLIMIT_DATA), not what is reserved: allocators reserve 64 MiB for every thread.
    at_most(Resource::Data, job.memory_bytes_max, job.memory_bytes_max)?;
    let address_space = job
        .memory_bytes_max
        .saturating_mul(2)
        .saturating_add(ADDRESS_SPACE_EXTRA_BYTES);
    at_most(Resource::As, address_space, address_space)?;
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let cpu = job
        .time_max
        .saturating_add(CPU_EXTRA)
        .as_secs()
        .saturating_mul(threads);
    // The soft limit's signal says why; the hard one is for whoever ignores it.
    at_most(Resource::Cpu, cpu, cpu.saturating_add(1))
}

/// Lowers a limit; one that is lower already stays.
fn at_most(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let old = rustix::process::getrlimit(resource);
    let lower = |old: Option<u64>, new: u64| Some(old.map_or(new, |old| old.min(new)));
    let new = Rlimit {
        current: lower(old.current, soft),
        maximum: lower(old.maximum, hard),
    };
    Ok(rustix::process::setrlimit(resource, new)?)
}
