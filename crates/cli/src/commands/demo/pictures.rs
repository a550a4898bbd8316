//! The pictures of the demo: one list of calls, worked off by as many threads as there are cores.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_lite::future::block_on;
use wardian_sandbox::Usage as Bill;
use wardian_service::ServiceError;
use wardian_service::image::{
    BlurhashOptions, BlurhashPicture, ConvertOptions, CropOptions, Fit, Format, Images,
    OptimizeOptions, Output, Picture, ResizeOptions, SOURCE_BYTES_MAX, ThumbnailOptions,
};

use super::Done;
use crate::commands::image::{MODULE, described};
use crate::counted::Counted;
use crate::input;
use crate::interrupt::Interrupt;
use crate::output::{self, Target};

/// All of them.
#[derive(Debug)]
pub(super) struct All {
    pub(super) calls: Vec<Done>,
    pub(super) threads: usize,
    /// Until the guest was compiled, or found compiled.
    pub(super) ready: Duration,
}

/// One call to make.
struct Job {
    source: &'static str,
    work: Work,
}

enum Work {
    Info,
    Resize(&'static str, ResizeOptions),
    Thumbnail(&'static str, ThumbnailOptions),
    Crop(&'static str, CropOptions),
    Convert(&'static str, ConvertOptions),
    Optimize(&'static str, OptimizeOptions),
    /// And a picture of the hash.
    Blurhash(&'static str),
}

fn jobs() -> Vec<Job> {
    let webp = |size| ThumbnailOptions {
        output: Output {
            format: Some(Format::WebP),
            ..Output::default()
        },
        ..ThumbnailOptions::new(size)
    };
    let job = |source, work| Job { source, work };
    vec![
        job("lake.jpg", Work::Info),
        job(
            "lake.jpg",
            Work::Resize("lake-800.jpg", ResizeOptions::width(800)),
        ),
        job(
            "lake.jpg",
            Work::Thumbnail("lake-square.jpg", ThumbnailOptions::new(256)),
        ),
        job(
            "lake.jpg",
            Work::Crop("lake-part.jpg", CropOptions::new(1600, 1200, 800, 600)),
        ),
        job("lake.jpg", Work::Blurhash("lake-blur.png")),
        job("fruit.jpg", Work::Info),
        job(
            "fruit.jpg",
            Work::Resize("fruit-upright.jpg", ResizeOptions::height(900)),
        ),
        job(
            "fruit.jpg",
            Work::Resize("fruit-tile.jpg", ResizeOptions::sides(400, 400, Fit::Cover)),
        ),
        job(
            "fruit.jpg",
            Work::Optimize("fruit-optimized.jpg", OptimizeOptions::quality(75)),
        ),
        job(
            "dunes-progressive.jpg",
            Work::Convert("dunes.png", ConvertOptions::new(Format::Png)),
        ),
        job(
            "evening.webp",
            Work::Resize("evening-1200.webp", ResizeOptions::width(1200)),
        ),
        job(
            "evening.webp",
            Work::Convert("evening.jpg", ConvertOptions::new(Format::Jpeg)),
        ),
        job("case.png", Work::Thumbnail("case-square.webp", webp(300))),
        job(
            "case.png",
            Work::Optimize("case-optimized.png", OptimizeOptions::default()),
        ),
        job(
            "growing.gif",
            Work::Convert("growing-first.png", ConvertOptions::new(Format::Png)),
        ),
        job(
            "fruit-small.bmp",
            Work::Convert("fruit-small.gif", ConvertOptions::new(Format::Gif)),
        ),
    ]
}

/// Makes all calls, several at once; the first that fails is the result.
pub(super) fn run(
    counted: &Counted,
    data: &Path,
    out: &Path,
    interrupt: &Interrupt,
) -> anyhow::Result<All> {
    let jobs = jobs();
    let sources = sources(data, &jobs)?;
    let begun = Instant::now();
    let images = block_on(Images::load(&counted.sandbox))?;
    let ready = begun.elapsed();
    counted.count_load(MODULE);
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .min(jobs.len());
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(at) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < jobs.len())
                {
                    let (Some(job), Some(source)) = (jobs.get(at), sources.get(at)) else {
                        break;
                    };
                    let result = block_on(job.run(&images, source.clone()));
                    results
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    let mut calls = Vec::new();
    for (_, made) in results {
        for result in made {
            counted.count_service(MODULE, result.as_ref().map(|(done, _)| done.usage));
            let (done, bytes) = result?;
            if let Some(file) = &done.file {
                output::write(&Target::File(out.join(file)), true, &bytes, interrupt)?;
            }
            calls.push(done);
        }
    }
    Ok(All {
        calls,
        threads,
        ready,
    })
}

/// Each file is read once, however often it is used.
fn sources(data: &Path, jobs: &[Job]) -> anyhow::Result<Vec<Bytes>> {
    let mut read = std::collections::BTreeMap::<&str, Bytes>::new();
    let mut sources = Vec::new();
    for job in jobs {
        let bytes = match read.get(job.source) {
            Some(bytes) => bytes.clone(),
            None => input::read(&data.join(job.source), SOURCE_BYTES_MAX as u64)?.into(),
        };
        read.insert(job.source, bytes.clone());
        sources.push(bytes);
    }
    Ok(sources)
}

type Made = Result<(Done, Bytes), ServiceError>;

impl Job {
    async fn run(&self, images: &Images, source: Bytes) -> Vec<Made> {
        match &self.work {
            Work::Info => vec![self.info(images, source).await],
            Work::Resize(file, options) => {
                vec![self.picture("resize", file, images.resize(source, options.clone()).await)]
            }
            Work::Thumbnail(file, options) => {
                vec![self.picture(
                    "thumbnail",
                    file,
                    images.thumbnail(source, options.clone()).await,
                )]
            }
            Work::Crop(file, options) => {
                vec![self.picture("crop", file, images.crop(source, options.clone()).await)]
            }
            Work::Convert(file, options) => {
                vec![self.picture(
                    "convert",
                    file,
                    images.convert(source, options.clone()).await,
                )]
            }
            Work::Optimize(file, options) => {
                vec![self.picture(
                    "optimize",
                    file,
                    images.optimize(source, options.clone()).await,
                )]
            }
            Work::Blurhash(file) => self.blurhash(images, file, source).await,
        }
    }

    async fn info(&self, images: &Images, source: Bytes) -> Made {
        let info = images.info(source).await?;
        let turned = if info.orientation == 1 {
            "upright"
        } else {
            "stored turned"
        };
        let result = format!(
            "{} × {} {}, {turned}",
            info.width,
            info.height,
            info.format.name()
        );
        Ok((self.done("info", result, None, info.usage), Bytes::new()))
    }

    async fn blurhash(&self, images: &Images, file: &str, source: Bytes) -> Vec<Made> {
        let hash = match images.blurhash(source, BlurhashOptions::default()).await {
            Ok(hash) => hash,
            Err(error) => return vec![Err(error)],
        };
        let text = hash.hash.clone();
        let size = BlurhashPicture {
            width: 64,
            height: 48,
            ..BlurhashPicture::default()
        };
        let picture = images.blurhash_decode(&text, size).await;
        let first = Ok((
            self.done("blurhash", hash.hash, None, hash.usage),
            Bytes::new(),
        ));
        vec![first, self.picture("blurhash_decode", file, picture)]
    }

    fn picture(
        &self,
        function: &'static str,
        file: &str,
        picture: Result<Picture, ServiceError>,
    ) -> Made {
        let picture = picture?;
        let result = format!("{file}: {}", described(&picture));
        Ok((
            self.done(function, result, Some(file.into()), picture.usage),
            picture.bytes,
        ))
    }

    fn done(
        &self,
        function: &'static str,
        result: String,
        file: Option<String>,
        usage: Bill,
    ) -> Done {
        Done {
            function,
            source: self.source.into(),
            result,
            file,
            usage,
        }
    }
}
