//! Places that have names: in one document of several the names would be in each other's way, so links say the place
//! itself.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object};

use super::get;

/// Names of places, at most.
const NAMES_MAX: usize = 100_000;
/// How deep trees of names may be.
const DEPTH_MAX: usize = 32;
/// How deep dictionaries may be in each other where links are looked for.
const NESTING_MAX: usize = 32;

/// All named places of a document.
pub(super) fn named(document: &Document) -> BTreeMap<Vec<u8>, Object> {
    let mut out = BTreeMap::new();
    let Ok(catalog) = document.catalog() else {
        return out;
    };
    if let Some(Object::Dictionary(old)) = get(document, catalog, b"Dests") {
        for (name, place) in old {
            add(document, &mut out, name.clone(), place);
        }
    }
    let tree = get(document, catalog, b"Names")
        .and_then(|names| names.as_dict().ok())
        .and_then(|names| get(document, names, b"Dests"))
        .and_then(|tree| tree.as_dict().ok());
    if let Some(tree) = tree {
        walk(document, tree, &mut out, 0);
    }
    out
}

fn walk(document: &Document, node: &Dictionary, out: &mut BTreeMap<Vec<u8>, Object>, depth: usize) {
    if depth > DEPTH_MAX || out.len() > NAMES_MAX {
        return;
    }
    if let Some(Object::Array(names)) = get(document, node, b"Names") {
        for pair in names.chunks_exact(2) {
            if let Ok(name) = pair[0].as_str() {
                add(document, out, name.to_vec(), &pair[1]);
            }
        }
    }
    if let Some(Object::Array(kids)) = get(document, node, b"Kids") {
        for kid in kids {
            if let Ok((_, Object::Dictionary(kid))) = document.dereference(kid) {
                walk(document, kid, out, depth + 1);
            }
        }
    }
}

fn add(document: &Document, out: &mut BTreeMap<Vec<u8>, Object>, name: Vec<u8>, place: &Object) {
    if out.len() > NAMES_MAX {
        return;
    }
    let Ok((_, place)) = document.dereference(place) else {
        return;
    };
    let place = match place {
        Object::Dictionary(place) => get(document, place, b"D"),
        other => Some(other),
    };
    if let Some(place @ Object::Array(_)) = place {
        out.insert(name, place.clone());
    }
}

/// Puts places where links and outlines name them.
pub(super) fn resolve(document: &mut Document, named: &BTreeMap<Vec<u8>, Object>) {
    for object in document.objects.values_mut() {
        resolve_in(object, named, 0);
    }
}

fn resolve_in(object: &mut Object, named: &BTreeMap<Vec<u8>, Object>, depth: usize) {
    if depth > NESTING_MAX {
        return;
    }
    match object {
        Object::Array(all) => {
            for one in all {
                resolve_in(one, named, depth + 1);
            }
        }
        Object::Dictionary(dictionary) => {
            resolve_keys(dictionary, named);
            for (_, value) in dictionary.iter_mut() {
                resolve_in(value, named, depth + 1);
            }
        }
        _ => {}
    }
}

fn resolve_keys(dictionary: &mut Dictionary, named: &BTreeMap<Vec<u8>, Object>) {
    let is_goto = matches!(dictionary.get(b"S"), Ok(Object::Name(kind)) if kind == b"GoTo");
    for key in [&b"Dest"[..], b"D"] {
        if key == b"D" && !is_goto {
            continue;
        }
        let place = match dictionary.get(key) {
            Ok(Object::String(name, _) | Object::Name(name)) => named.get(name).cloned(),
            _ => None,
        };
        if let Some(place) = place {
            dictionary.set(key, place);
        }
    }
}

/// Takes out what a reader would run or start: scripts, programs, forms that are sent.
pub(super) fn disarm(document: &mut Document) {
    for object in document.objects.values_mut() {
        disarm_in(object, 0);
    }
}

fn disarm_in(object: &mut Object, depth: usize) {
    if depth > NESTING_MAX {
        return;
    }
    match object {
        Object::Array(all) => {
            for one in all {
                disarm_in(one, depth + 1);
            }
        }
        Object::Dictionary(dictionary) => {
            dictionary.remove(b"AA");
            let is_armed = matches!(
                dictionary.get(b"S"),
                Ok(Object::Name(kind)) if matches!(&kind[..], b"JavaScript" | b"Launch" | b"SubmitForm" | b"ImportData" | b"Rendition" | b"Movie")
            );
            if is_armed {
                *dictionary = Dictionary::new();
                return;
            }
            for (_, value) in dictionary.iter_mut() {
                disarm_in(value, depth + 1);
            }
        }
        Object::Stream(stream) => {
            stream.dict.remove(b"AA");
        }
        _ => {}
    }
}
