//! XML as a stream of events, one at a time, with limits on nesting and on the length of each.
//!
//! Names are compared without their prefix. Entities are the five that XML has and numbers; a document type, which could
//! define more, is refused.

use std::io::{BufRead as _, BufReader, Read};

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::archive::Part;
use crate::budget::{NESTING_MAX, XML_TOKEN_BYTES_MAX};
use crate::error::SheetError;

/// Bytes that are unpacked at once.
const BUFFER_BYTES: usize = 32 << 10;

/// A part that is read as XML.
pub(crate) struct Xml<'a> {
    reader: Reader<BufReader<Metered<Part<'a>>>>,
    buf: Vec<u8>,
    depth: u32,
    is_behind_text: bool,
    /// What a message calls it.
    what: &'static str,
}

impl<'a> Xml<'a> {
    pub(crate) fn new(part: Part<'a>, what: &'static str) -> Xml<'a> {
        let metered = Metered {
            inner: part,
            passed: 0,
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(BUFFER_BYTES, metered));
        let config = reader.config_mut();
        // Depth is counted here; names need not be kept for it.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Xml {
            reader,
            buf: Vec::with_capacity(1024),
            depth: 0,
            is_behind_text: true,
            what,
        }
    }

    /// The next event. The end comes only after every element is closed; what is cut off before is an error.
    pub(crate) fn next(&mut self) -> Result<Event<'_>, SheetError> {
        self.buf.clear();
        self.reader.get_mut().get_mut().passed = 0;
        let what = self.what;
        let event = match self.reader.read_event_into(&mut self.buf) {
            Ok(event) => event,
            Err(error) => return Err(failed(what, error)),
        };
        self.is_behind_text = !matches!(event, Event::Start(_) | Event::End(_) | Event::Empty(_));
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > NESTING_MAX {
                    return Err(SheetError::too_large(format!(
                        "{what} has elements nested deeper than {NESTING_MAX}"
                    )));
                }
            }
            Event::End(_) => {
                let above = self.depth.checked_sub(1);
                self.depth = above.ok_or_else(|| {
                    SheetError::malformed(what, "an element ends that never began")
                })?;
            }
            Event::Eof if self.depth > 0 => {
                return Err(SheetError::malformed(what, "it is cut off"));
            }
            Event::DocType(_) => {
                return Err(SheetError::malformed(what, "it has a document type"));
            }
            _ => {}
        }
        Ok(event)
    }

    /// What was unpacked and not read yet, from where the next event begins; nothing behind text, where the reader has
    /// looked at the next one already.
    pub(crate) fn ahead(&self) -> &[u8] {
        match self.is_behind_text {
            true => &[],
            false => self.reader.get_ref().buffer(),
        }
    }

    /// Passes over bytes of [`Xml::ahead`], which must be whole elements.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.reader.stream().consume(bytes);
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Skips what is left of the element that began last.
    pub(crate) fn skip(&mut self) -> Result<(), SheetError> {
        let around = self.depth.saturating_sub(1);
        while self.depth > around {
            self.next()?;
        }
        Ok(())
    }

    /// Appends the text of the element that began last, up to its end; elements inside it are passed over.
    pub(crate) fn text(&mut self, out: &mut String) -> Result<(), SheetError> {
        let own = self.depth;
        let what = self.what;
        while self.depth >= own {
            let event = self.next()?;
            match event {
                Event::Text(text) => out.push_str(&text.xml10_content()),
                Event::CData(text) => out.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => out.push(referred(&reference, what)?),
                Event::Start(_) => self.skip()?,
                _ => {}
            }
            if out.len() > XML_TOKEN_BYTES_MAX {
                return Err(too_long(what));
            }
        }
        Ok(())
    }

    pub(crate) fn what(&self) -> &'static str {
        self.what
    }
}

/// The character that a reference stands for.
pub(crate) fn referred(reference: &BytesRef<'_>, what: &'static str) -> Result<char, SheetError> {
    let character = match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    character
        .ok_or_else(|| SheetError::malformed(what, "it refers to an entity that XML does not have"))
}

/// The value of an attribute, by its name without prefix, as it stands in the file.
pub(crate) fn raw<'e>(element: &'e BytesStart<'_>, name: &str) -> Option<&'e str> {
    attributes(element)
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The value of an attribute with its references resolved.
pub(crate) fn attribute(
    element: &BytesStart<'_>,
    name: &str,
    what: &'static str,
) -> Result<Option<String>, SheetError> {
    match raw(element, name) {
        Some(value) => unescaped(value, what).map(Some),
        None => Ok(None),
    }
}

pub(crate) fn unescaped(value: &str, what: &'static str) -> Result<String, SheetError> {
    let value = unescape(value).map_err(|error| SheetError::malformed(what, error))?;
    Ok(value.into_owned())
}

/// Names without prefix, and values as they stand; what is no attribute ends the list.
pub(crate) fn attributes<'e>(
    element: &'e BytesStart<'_>,
) -> impl Iterator<Item = (&'e str, &'e str)> {
    let mut rest = element.attributes_raw();
    std::iter::from_fn(move || {
        let (name, behind) = rest.split_once('=')?;
        let behind = behind.trim_ascii_start();
        let quote = behind
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, behind) = behind.get(1..)?.split_once(quote)?;
        rest = behind;
        let name = name.trim_ascii();
        Some((name.rsplit_once(':').map_or(name, |(_, name)| name), value))
    })
}

fn failed(what: &'static str, error: quick_xml::Error) -> SheetError {
    if let quick_xml::Error::Io(error) = &error
        && let Some(inner) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<SheetError>())
    {
        return inner.clone();
    }
    SheetError::malformed(what, error)
}

fn too_long(what: &str) -> SheetError {
    SheetError::too_large(format!(
        "{what} has a tag or a text of more than {XML_TOKEN_BYTES_MAX} bytes"
    ))
}

/// Counts what one event takes, so that none can fill the memory.
struct Metered<R> {
    inner: R,
    passed: usize,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.passed > XML_TOKEN_BYTES_MAX {
            return Err(too_long("a part").into());
        }
        let len = self.inner.read(buf)?;
        self.passed += len;
        Ok(len)
    }
}
