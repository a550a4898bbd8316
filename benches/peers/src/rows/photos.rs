//! Two hundred photographs made smaller, as the command does it: threads that take one file after the other, read it, have
//! one loaded guest work on it, and write the result. On one core and on two.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use wardian_service::image::{Images, ResizeOptions};

use crate::engines::wardian;
use crate::guests;
use crate::method::{Plan, quantile};
use crate::report::{Section, time};
use crate::rows::picture::request;

const PHOTOS: usize = 200;
/// Widths of the photographs: from a picture out of a message to what a camera gives.
const WIDTHS: [u32; 8] = [640, 960, 1280, 1600, 2000, 2400, 3200, 4000];
const WIDTH: u32 = 400;

pub fn two_cores(plan: Plan) -> Result<Vec<Section>> {
    let count = plan.count(PHOTOS);
    // A run is long enough to be no accident.
    let rounds = if plan.quick { 1 } else { 3 };
    let sandbox = wardian::sandbox()?;
    let images = futures_lite::future::block_on(Images::load(&sandbox))?;
    let folder = Folder::new()?;
    let photos = photos(&images, &folder, count)?;
    let ours = |photo: Vec<u8>| {
        let made = images.resize_blocking(photo, ResizeOptions::width(WIDTH))?;
        Ok(made.bytes.to_vec())
    };
    let native = |photo: Vec<u8>| {
        let answer = wardian_guest_image::call("resize", &request(&photo, WIDTH.into())?);
        Ok(answer)
    };
    let note = format!(
        "{count} photographs of {} to {} pixels across, made {WIDTH} wide: read, resized by one loaded guest in fresh memory each, written. Medians of {rounds} whole runs on the wall clock, in which the cases take turns; one core is the process bound to it.",
        WIDTHS[0],
        WIDTHS[WIDTHS.len() - 1],
    );
    let header = [
        "case",
        "one core",
        "two cores",
        "gain",
        "photographs a second",
    ];
    let mut section = Section::new("Two hundred photographs", &note).header(&header);
    let mut gains = Vec::new();
    for (name, work) in [
        ("native, the same crates", &native as &Work<'_>),
        ("Wardian, as the command does it", &ours),
    ] {
        let (mut ones, mut twos, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        run(&photos[..count.min(2 * WIDTHS.len())], &folder, 2, work)?;
        for _ in 0..rounds {
            let one = bound(|| run(&photos, &folder, 1, work))?;
            let two = run(&photos, &folder, 2, work)?;
            ones.push(one);
            twos.push(two);
            ratios.push(one / two);
        }
        let two = quantile(&mut twos, 0.5);
        let gain = quantile(&mut ratios, 0.5);
        section.line([
            name.to_owned(),
            time(quantile(&mut ones, 0.5)),
            time(two),
            format!("{gain:.2} ×"),
            format!("{:.1}", count as f64 / (two / 1e9)),
        ]);
        gains.push(gain);
    }
    let ours = gains.last().copied().unwrap_or(f64::NAN);
    section.ratio_at_least("two cores against one", ours, 1.85);
    Ok(vec![section])
}

type Work<'a> = dyn Fn(Vec<u8>) -> Result<Vec<u8>> + Sync + 'a;

/// A folder that goes with the row.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder> {
        let path = std::env::temp_dir().join(format!("wardian-photos-{}", std::process::id()));
        fs::create_dir_all(path.join("out"))
            .with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Folder(path))
    }

    fn out(&self, photo: &Path) -> PathBuf {
        self.0
            .join("out")
            .join(photo.file_name().unwrap_or_default())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the system's own folder for what may go.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Files of each width in turn, none next to its like.
fn photos(images: &Images, folder: &Folder, count: usize) -> Result<Vec<PathBuf>> {
    let mut sizes = Vec::new();
    for width in WIDTHS {
        let made = images.resize_blocking(guests::PHOTO, ResizeOptions::width(width))?;
        sizes.push(made.bytes);
    }
    let mut photos = Vec::new();
    for (at, bytes) in sizes.iter().cycle().take(count).enumerate() {
        let path = folder.0.join(format!("{at:03}.jpg"));
        fs::write(&path, bytes)?;
        photos.push(path);
    }
    Ok(photos)
}

/// One run: nanoseconds.
fn run(photos: &[PathBuf], folder: &Folder, threads: usize, work: &Work<'_>) -> Result<f64> {
    let next = AtomicUsize::new(0);
    let one_after_the_other = || -> Result<usize> {
        let mut done = 0;
        while let Some(photo) = photos.get(next.fetch_add(1, Ordering::Relaxed)) {
            fs::write(folder.out(photo), work(fs::read(photo)?)?)?;
            done += 1;
        }
        Ok(done)
    };
    let begun = Instant::now();
    let done = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| scope.spawn(one_after_the_other))
            .collect();
        let ended = workers.into_iter().map(|worker| {
            let ended = worker.join();
            ended.unwrap_or_else(|_| anyhow::bail!("a worker of the benches panicked"))
        });
        ended.sum::<Result<usize>>()
    })?;
    let took = begun.elapsed().as_nanos() as f64;
    ensure!(done == photos.len(), "{done} of {} were done", photos.len());
    Ok(took)
}

/// With all threads of this process on one core: the sandbox's own, too.
fn bound<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    let all = sched_getaffinity(None)?;
    let mut one = CpuSet::new();
    let core = (0..CpuSet::MAX_CPU).find(|core| all.is_set(*core));
    one.set(core.unwrap_or(0));
    bind(&one)?;
    let ended = f();
    bind(&all)?;
    ended
}

fn bind(cores: &CpuSet) -> Result<()> {
    for thread in fs::read_dir("/proc/self/task")? {
        let name = thread?.file_name();
        let id = name.to_str().and_then(|name| name.parse().ok());
        let id = id.and_then(rustix::thread::Pid::from_raw);
        // One that has ended since needs no core.
        if id.is_some() {
            let _ = sched_setaffinity(id, cores);
        }
    }
    Ok(())
}
