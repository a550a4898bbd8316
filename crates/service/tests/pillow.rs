//! Judged by others' eyes: Pillow makes the pictures, says what they should become, and looks at what became of them.
//!
//! Every case runs twice, natively and in the sandbox, and both must answer with the same bytes; Pillow judges what the
//! sandbox gave. Pillow lives in an
//! environment of its own below cargo's target directory, made on first use; without Python or without a network for
//! that first use the test fails and says so.
#![allow(clippy::unwrap_used, clippy::panic)] // A test that cannot go on says where.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use bytes::Bytes;
use futures_lite::future::block_on;
use serde_json::Value as Json;
use wardian_abi::{Arguments, DecodeLimits, Response, Value};
use wardian_sandbox::{Sandbox, SandboxConfig};
use wardian_service::ServiceError;
use wardian_service::image::{ConvertOptions, Fit, Format, Images, OptimizeOptions, ResizeOptions};

mod common;
#[path = "common/python.rs"]
mod python;
use common::Raw;
use python::{environment, run};

/// The Python of an environment that has what `requirements.txt` names.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| environment("pillow"))
}

fn request(case: &Json, folder: &Path) -> Vec<u8> {
    let mut arguments = Arguments::new();
    if let Some(source) = case["source"].as_str() {
        arguments.set("image", std::fs::read(folder.join(source)).unwrap());
    }
    for (name, value) in case["arguments"].as_object().unwrap() {
        let value: Value<'_> = match value {
            Json::Bool(flag) => (*flag).into(),
            Json::Number(number) => number.as_i64().unwrap().into(),
            Json::String(text) => text.clone().into(),
            other => panic!("{other} is no argument"),
        };
        arguments.set(name.clone(), value);
    }
    arguments.encode().unwrap()
}

/// What the answer says against what it should say.
fn answer_problems(case: &Json, answer: &Value<'_>) -> Vec<String> {
    let wanted = case["answer"].as_object().unwrap();
    let differs = |(name, wanted): (&String, &Json)| {
        let found = match answer.get(name)? {
            Value::Bool(flag) => Json::from(*flag),
            Value::Int(number) => Json::from(i64::try_from(*number).unwrap()),
            Value::Str(text) => Json::from(text.as_ref()),
            other => Json::from(other.kind()),
        };
        (found != *wanted).then(|| format!("{}: `{name}` is {found}, not {wanted}", case["name"]))
    };
    wanted.iter().filter_map(differs).collect()
}

#[test]
fn pictures_are_what_pillow_makes_of_them() {
    let python = python();
    let (folder, cases) = corpus(python);
    let sandbox = Sandbox::new(SandboxConfig::default()).unwrap();
    let raw = Raw::load(&sandbox);
    let mut problems = Vec::new();
    let to_judge: Vec<Json> = cases
        .iter()
        .filter_map(|case| work(case, &raw, &folder, &mut problems))
        .collect();
    assert!(
        to_judge.len() > 100,
        "most cases give pictures, got {}",
        to_judge.len()
    );
    for (verdict, asked) in judge(python, &folder, &to_judge).iter().zip(&to_judge) {
        let case = cases.iter().find(|case| case["name"] == asked["name"]);
        problems.extend(verdict_problem(case.unwrap(), verdict, asked));
    }
    none(&problems);
}

/// What the host holds an answer against must be true of every honest one, whatever the source.
#[test]
fn true_answers_about_every_source_are_believed() {
    let (folder, cases) = corpus(python());
    let sources: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| case["source"].as_str())
        .collect();
    assert!(sources.len() > 20, "{} sources", sources.len());
    let images = block_on(Images::load(
        &Sandbox::new(SandboxConfig::default()).unwrap(),
    ))
    .unwrap();
    let mut problems = Vec::new();
    for name in sources {
        let source = Bytes::from(std::fs::read(folder.join(name)).unwrap());
        let mut note = |error: ServiceError| problems.push(format!("{name}: {error}"));
        images
            .info_blocking(source.clone())
            .map_or_else(&mut note, drop);
        let options = OptimizeOptions::default();
        let optimized = images.optimize_blocking(source.clone(), options);
        optimized.map_or_else(&mut note, drop);
        for format in [Format::Jpeg, Format::Png, Format::WebP, Format::Gif] {
            let options = ConvertOptions::new(format);
            let converted = images.convert_blocking(source.clone(), options);
            converted.map_or_else(&mut note, drop);
        }
        let mut options = ResizeOptions::sides(37, 53, Fit::Fill);
        options.enlarge = true;
        let resized = images.resize_blocking(source, options);
        resized.map_or_else(&mut note, drop);
    }
    none(&problems);
}

/// The pictures that Pillow makes, and what is to be done with them; each test has them in a folder of its own.
fn corpus(python: &Path) -> (PathBuf, Vec<Json>) {
    let test = std::thread::current().name().unwrap_or("main").to_owned();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pictures-{test}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    run(
        Command::new(python)
            .arg(python::scripts("pillow").join("corpus.py"))
            .arg(&folder),
        "the corpus cannot be made",
    );
    let cases = std::fs::read(folder.join("cases.json")).unwrap();
    (folder, serde_json::from_slice(&cases).unwrap())
}

/// Does a case natively and in the sandbox; gives what Pillow is to judge, where the answer has a picture.
fn work(case: &Json, raw: &Raw, folder: &Path, problems: &mut Vec<String>) -> Option<Json> {
    let (name, function) = (
        case["name"].as_str().unwrap(),
        case["function"].as_str().unwrap(),
    );
    let request = request(case, folder);
    let native = wardian_guest_image::call(function, &request);
    let boxed = raw.call(function, request);
    // The lossless WebP encoder sorts by pointer-sized keys: other bytes on 32 bits, the same pixels, judged below.
    if boxed != native && case["arguments"]["format"] != "webp" {
        problems.push(format!(
            "{name}: the sandbox answers with other bytes than native code"
        ));
    }
    let answer = match Response::decode(&boxed, &DecodeLimits::default()).unwrap() {
        Response::Ok(answer) => answer,
        Response::Err(error) => {
            problems.push(format!("{name}: {error:?}"));
            return None;
        }
    };
    problems.extend(answer_problems(case, &answer));
    let bytes = answer.get("bytes").and_then(Value::as_bytes)?;
    let result = format!("result-{name}");
    std::fs::write(folder.join(&result), bytes).unwrap();
    let format = answer.get("format").and_then(Value::as_str).unwrap();
    Some(serde_json::json!({
        "name": name, "expected": case["expected"], "result": result, "format": format,
    }))
}

/// What Pillow has to say against a result.
fn verdict_problem(case: &Json, verdict: &Json, asked: &Json) -> Option<String> {
    let name = &case["name"];
    let psnr = verdict["psnr"].as_f64().unwrap_or(99.0);
    let least = case["psnr_min"].as_f64().unwrap();
    println!("{name} {psnr:.1} dB (at least {least})");
    let bad = psnr < least || !verdict["problem"].is_null() || verdict["format"] != asked["format"];
    bad.then(|| format!("{name}: {verdict}, at least {least} dB"))
}

fn none(problems: &[String]) {
    let count = problems.len();
    assert!(
        problems.is_empty(),
        "{count} problems:\n{}",
        problems.join("\n")
    );
}

fn judge(python: &Path, folder: &Path, results: &[Json]) -> Vec<Json> {
    let mut judge = Command::new(python);
    judge
        .arg(python::scripts("pillow").join("judge.py"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = judge.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(&serde_json::to_vec(results).unwrap())
        .unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "Pillow gave up");
    serde_json::from_slice(&output.stdout).unwrap()
}
