//! PDFs in the sandbox.
mod boxes;
mod budget;
mod css;
mod dom;
mod fonts;
mod layout;
mod pages;
mod paint;
mod picture;
mod render;
mod style;
mod warning;

/// For trying out.
pub fn try_it(
    html: Vec<u8>,
    assets: Vec<(String, Vec<u8>)>,
) -> Result<(Vec<u8>, Vec<String>), String> {
    let request = render::Request {
        html,
        assets: assets
            .into_iter()
            .map(|(name, bytes)| (name, bytes.into()))
            .collect(),
        ..render::Request::default()
    };
    let made = render::render(request).map_err(|why| format!("{why:?}"))?;
    Ok((
        made.bytes,
        made.warnings
            .list
            .iter()
            .map(|w| format!("{}: {}", w.code, w.message))
            .collect(),
    ))
}
