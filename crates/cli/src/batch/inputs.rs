//! What the command line names as inputs: files, patterns, standard input. A name that exists is that file, whatever
//! characters are in it; only then it may be a pattern.
//!
//! Patterns are matched by bytes, so that no file is passed over because its name is no text. As in a shell, `*` stays
//! within a folder, `**` goes into all below, and neither finds what is hidden unless the pattern asks for a point.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::WalkDir;

use crate::exit::{Failure, Usage};
use crate::show::{listed, quoted, quoted_path};

/// What is special in a pattern.
const SPECIAL: [char; 4] = ['*', '?', '[', '{'];

/// The inputs of one command.
#[derive(Debug, PartialEq)]
pub(super) struct Inputs {
    /// In the order they were named, those of a pattern by name; each once.
    pub(super) files: Vec<PathBuf>,
    /// One file or standard input, named as it is. What comes out then has the shape that it has for one; for a pattern
    /// it has not, however many match.
    pub(super) alone: bool,
}

/// Finds them all; what is wrong with the names is said before any work is done.
pub(super) fn find(asked: &[PathBuf]) -> anyhow::Result<Inputs> {
    if asked.len() > 1 && asked.iter().any(|path| is_stdin(path)) {
        return Err(Usage::new("standard input can only be read alone")
            .hint("leave out `-`, or the other files")
            .into());
    }
    let (mut files, mut seen, mut folders) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut alone = asked.len() == 1;
    for path in asked {
        match kind(path) {
            Kind::Folder => folders.push(path.as_path()),
            Kind::File => add(path.clone(), &mut files, &mut seen),
            Kind::Pattern(text) => {
                alone = false;
                for found in matching(text)? {
                    add(found, &mut files, &mut seen);
                }
            }
        }
    }
    if !folders.is_empty() {
        return Err(are_folders(&folders).into());
    }
    Ok(Inputs { files, alone })
}

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

enum Kind<'a> {
    /// Or none at all: whoever opens it says so.
    File,
    Folder,
    Pattern(&'a str),
}

fn kind(path: &Path) -> Kind<'_> {
    if is_stdin(path) {
        return Kind::File;
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Kind::Folder,
        Ok(_) => Kind::File,
        Err(_) if path.is_symlink() => Kind::File,
        Err(_) => match path.to_str().filter(|text| text.contains(SPECIAL)) {
            Some(text) => Kind::Pattern(text),
            None => Kind::File,
        },
    }
}

/// The same file by another way to its folder is the same file; by a link of another name it is not, since its result
/// would have another name too.
fn add(path: PathBuf, files: &mut Vec<PathBuf>, seen: &mut BTreeSet<PathBuf>) {
    let place = real(&path);
    if seen.insert(place) {
        files.push(path);
    }
}

/// The file with its folder's links followed.
pub(super) fn real(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

fn are_folders(folders: &[&Path]) -> Failure {
    let (are, first) = match folders {
        [one] => (format!("{} is a folder", quoted_path(one)), *one),
        many => (
            format!("{} are folders", listed(many)),
            many.first().copied().unwrap_or(Path::new(".")),
        ),
    };
    let inside = first.join("*");
    Failure::new(are).hint(format!(
        "name the files in it, such as '{}'",
        crate::show::path(&inside)
    ))
}

/// The files that a pattern means, by name.
fn matching(pattern: &str) -> anyhow::Result<Vec<PathBuf>> {
    let special = pattern.find(SPECIAL).unwrap_or(0);
    let begin = pattern
        .get(..special)
        .and_then(|before| before.rfind('/'))
        .map_or(0, |slash| slash + 1);
    let (folder, rest) = pattern.split_at(begin);
    let glob = compiled(pattern, rest)?;
    let mut files = Vec::new();
    for entry in walk(folder, rest) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if is_nothing(&error) => continue,
            Err(error) => return Err(cannot_look(pattern, &error).into()),
        };
        let path = entry.path();
        let inside = path.strip_prefix(root(folder)).unwrap_or(path);
        if glob.is_match(inside) && !path.is_dir() {
            files.push(Path::new(folder).join(inside));
        }
    }
    if files.is_empty() {
        return Err(
            Failure::new(format!("no file matches {}", quoted(pattern)))
                .hint("`*` stays within a folder, `**/` goes into all below; what begins with a point is only found by a pattern with `.` there")
                .into(),
        );
    }
    Ok(files)
}

fn compiled(pattern: &str, rest: &str) -> anyhow::Result<GlobMatcher> {
    let glob = GlobBuilder::new(rest).literal_separator(true).build();
    let glob = glob.map_err(|error| {
        Usage::new(format!(
            "{} is no pattern, and no such file is there: {}",
            quoted(pattern),
            error.kind()
        ))
    })?;
    Ok(glob.compile_matcher())
}

fn root(folder: &str) -> &Path {
    Path::new(if folder.is_empty() { "." } else { folder })
}

/// Goes no deeper than the pattern does, and through links only where they cannot lead in circles.
fn walk(folder: &str, rest: &str) -> impl Iterator<Item = walkdir::Result<walkdir::DirEntry>> {
    let deep = rest.contains("**");
    let depth = if deep {
        usize::MAX
    } else {
        rest.split('/').count()
    };
    let hidden_too = rest.split('/').any(|part| part.starts_with('.'));
    let is_hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    WalkDir::new(root(folder))
        .min_depth(1)
        .max_depth(depth)
        .follow_links(!deep)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| hidden_too || !is_hidden(entry.file_name()))
}

/// A folder that is not there has no files in it; a link in a circle, none that were not seen.
fn is_nothing(error: &walkdir::Error) -> bool {
    let kind = error.io_error().map(std::io::Error::kind);
    error.loop_ancestor().is_some()
        || matches!(kind, Some(ErrorKind::NotFound | ErrorKind::NotADirectory))
}

fn cannot_look(pattern: &str, error: &walkdir::Error) -> Failure {
    let folder = quoted_path(error.path().unwrap_or(Path::new(pattern)));
    let why = error
        .io_error()
        .map(ToString::to_string)
        .unwrap_or_default();
    Failure::new(format!(
        "cannot look for {} in {folder}: {why}",
        quoted(pattern)
    ))
    .hint("a pattern that leaves that folder out goes on without it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(files: &[&str]) -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("our own folder");
            fs::write(path, "").expect("a file of our own");
        }
        place
    }

    fn found(place: &tempfile::TempDir, asked: &[&str]) -> Result<Vec<String>, String> {
        let asked: Vec<PathBuf> = asked.iter().map(|name| place.path().join(name)).collect();
        let inputs = find(&asked).map_err(|error| error.to_string())?;
        let inside = |path: &PathBuf| {
            let inside = path.strip_prefix(place.path()).expect("ours");
            inside.to_string_lossy().into_owned()
        };
        Ok(inputs.files.iter().map(inside).collect())
    }

    #[test]
    fn patterns_are_those_of_a_shell() {
        let place = place(&[
            "a.jpg",
            "b.JPG",
            "c.png",
            ".d.jpg",
            "sub/e.jpg",
            "sub/deep/f.jpg",
            ".hidden/g.jpg",
        ]);
        let files = |pattern| found(&place, &[pattern]);
        let some = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(files("*.jpg"), some(&["a.jpg"]));
        assert_eq!(
            files("**/*.jpg"),
            some(&["a.jpg", "sub/deep/f.jpg", "sub/e.jpg"])
        );
        assert_eq!(files("*/*.jpg"), some(&["sub/e.jpg"]));
        assert_eq!(files("s?b/*"), some(&["sub/e.jpg"]));
        assert_eq!(files("[a-c].{jpg,png}"), some(&["a.jpg", "c.png"]));
        assert_eq!(files("[!a].*"), some(&["b.JPG", "c.png"]));
        assert_eq!(files(".*.jpg"), some(&[".d.jpg"]));
        assert_eq!(files(".h*/*"), some(&[".hidden/g.jpg"]));
        assert_eq!(files("sub/**"), some(&["sub/deep/f.jpg", "sub/e.jpg"]));
    }

    #[test]
    fn a_name_that_exists_is_no_pattern() {
        let place = place(&["[1].jpg", "1.jpg", "a*.jpg", "ab.jpg"]);
        assert_eq!(found(&place, &["[1].jpg"]), Ok(vec!["[1].jpg".into()]));
        assert_eq!(found(&place, &["a*.jpg"]), Ok(vec!["a*.jpg".into()]));
        assert_eq!(found(&place, &["\\[1\\].jpg"]), Ok(vec!["[1].jpg".into()]));
    }

    #[test]
    fn the_same_file_is_done_once_and_a_link_is_another() {
        let place = place(&["a.jpg", "sub/b.jpg"]);
        std::os::unix::fs::symlink("a.jpg", place.path().join("c.jpg")).expect("a link");
        let asked = ["*.jpg", "a.jpg", "./a.jpg", "sub/../a.jpg", "sub/b.jpg"];
        let files = found(&place, &asked).expect("all there");
        assert_eq!(files, ["a.jpg", "c.jpg", "sub/b.jpg"]);
    }

    #[test]
    fn circles_end() {
        let place = place(&["sub/a.jpg"]);
        std::os::unix::fs::symlink("..", place.path().join("sub/up")).expect("a link");
        assert_eq!(found(&place, &["**/*.jpg"]), Ok(vec!["sub/a.jpg".into()]));
        assert_eq!(found(&place, &["*/*.jpg"]), Ok(vec!["sub/a.jpg".into()]));
        assert!(found(&place, &["*/*/*/*/*.jpg"]).is_err());
    }

    #[test]
    fn one_named_file_is_alone_and_one_matched_is_not() {
        let place = place(&["a.jpg"]);
        let alone = |name: &str| find(&[place.path().join(name)]).expect("there").alone;
        assert!(alone("a.jpg") && alone("missing.jpg"));
        assert!(!alone("*.jpg"));
        assert!(find(&[PathBuf::from("-")]).expect("standard input").alone);
    }
}
