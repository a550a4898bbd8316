//! What checks cost that are compiled into guest code.

use anyhow::{Result, ensure};
use wasmtime::TypedFunc;

use crate::engines::bare::{Bare, Metering, Warm};
use crate::guests;
use crate::method::{Case, Plan, compare};
use crate::report::{Section, figure};
use crate::rows::calls::checked;
use crate::rows::picture;

/// Small enough for its caches, large enough to be a loop.
const MATRIX: i32 = 128;
const SIDE: i32 = 256;
const ROUNDS: i32 = 4;

pub fn nan(plan: Plan) -> Result<Vec<Section>> {
    let note = "The engine alone with fuel on, so that nothing but the setting differs. What a program may choose is the determinism of the engine settings.";
    let mut section =
        Section::new("Canonical NaNs", note).header(&["work", "any NaN", "canonical", "cost"]);
    let mut cost =
        |name: &str, make: &dyn Fn(bool) -> Result<Box<dyn FnMut() -> usize>>| -> Result<()> {
            let (mut off, on) = (make(false)?, make(true)?);
            let answer = off();
            ensure!(answer != 0, "{name}: the guest answers nothing");
            let cases = checked(vec![Case::new("off", off), Case::new("on", on)], answer)?;
            let measured = compare(cases, plan);
            let (off, on) = (figure(&measured, "off"), figure(&measured, "on"));
            section.line([
                name.to_owned(),
                crate::report::time(off),
                crate::report::time(on),
                format!("{:+.1} %", (on / off - 1.0) * 100.0),
            ]);
            Ok(())
        };
    cost("matrix product, 128 × 128 doubles", &|canonical| {
        numbers(canonical, "matmul", (MATRIX, 1))
    })?;
    cost("3 × 3 blur, 256 × 256 floats, 4 rounds", &|canonical| {
        numbers(canonical, "blur", (SIDE, ROUNDS))
    })?;
    cost("resize a 2.5-megapixel JPEG to 400 pixels", &resize)?;
    Ok(vec![section])
}

fn numbers(
    canonical: bool,
    function: &str,
    params: (i32, i32),
) -> Result<Box<dyn FnMut() -> usize>> {
    let bare = Bare::new(guests::SMALL, Metering::Fuel, canonical)?;
    let mut warm = bare.warm()?;
    let function = warm.typed(&bare.function(function)?)?;
    Ok(Box::new(move || number(&mut warm, &function, params)))
}

pub fn number(warm: &mut Warm, function: &TypedFunc<(i32, i32), f64>, params: (i32, i32)) -> usize {
    warm.rearm()
        .and_then(|()| warm.run(function, params))
        .map_or(0, |found| found.to_bits() as usize)
}

fn resize(canonical: bool) -> Result<Box<dyn FnMut() -> usize>> {
    let bare = Bare::new(guests::IMAGE, Metering::Fuel, canonical)?;
    let (request, function) = (
        picture::request(guests::SMALL_PHOTO, 400)?,
        bare.function("resize")?,
    );
    Ok(Box::new(move || {
        bare.pristine(&function, &request).map_or(0, |a| a.len())
    }))
}

pub fn metering(plan: Plan) -> Result<Vec<Section>> {
    let modes = [
        ("none", Metering::None),
        ("epoch", Metering::Epoch),
        ("fuel", Metering::Fuel),
        ("both", Metering::Both),
    ];
    let bare: Vec<_> = modes
        .iter()
        .map(|(name, m)| Ok((*name, Bare::new(guests::SMALL, *m, true)?)))
        .collect::<Result<_>>()?;
    let json = guests::json(64 << 10);
    let mut sections = Vec::new();
    let mut table =
        |title: &str, native: Case<'_>, function: &str, params: Option<(i32, i32)>| -> Result<()> {
            let mut native = native;
            let answer = (native.run)();
            let mut cases = vec![native];
            for (name, bare) in &bare {
                let mut warm = bare.warm()?;
                let export = bare.function(function)?;
                let json = &json;
                match params {
                    Some(params) => {
                        let function = warm.typed(&export)?;
                        cases.push(Case::new(*name, move || {
                            number(&mut warm, &function, params)
                        }));
                    }
                    None => {
                        let function = warm.typed(&export)?;
                        cases.push(Case::new(*name, move || {
                            warm.rearm()
                                .and_then(|()| warm.call(&function, json))
                                .map_or(0, |a| a.len())
                        }));
                    }
                }
            }
            let measured = compare(checked(cases, answer)?, plan);
            let note = "The engine alone, one instance kept; the first case is native.";
            sections.push(Section::timed(title, note, &measured));
            Ok(())
        };
    table(
        "Metering: 64 KiB of JSON",
        Case::new("native", || bench_work::echo_json(&json).len()),
        "eval",
        None,
    )?;
    let matmul = || bench_work::matmul(MATRIX as usize, 1).to_bits() as usize;
    table(
        "Metering: matrix product",
        Case::new("native", matmul),
        "matmul",
        Some((MATRIX, 1)),
    )?;
    let blur = || bench_work::blur(SIDE as usize, ROUNDS as usize).to_bits() as usize;
    table(
        "Metering: blur",
        Case::new("native", blur),
        "blur",
        Some((SIDE, ROUNDS)),
    )?;
    Ok(sections)
}
