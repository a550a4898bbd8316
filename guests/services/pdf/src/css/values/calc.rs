//! `calc()`, `min()`, `max()` and `clamp()`: sums of lengths and shares of something that is known later.

use std::rc::Rc;

use super::length::{Unit, unit};
use super::{Compute, Context};
use crate::budget::NESTING_MAX;
use crate::css::cursor::Cursor;
use crate::css::token::{Bracket, Token};

/// An expression, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression {
    Number(f32),
    Length(f32, Unit),
    Percent(f32),
    Sum(Vec<Expression>),
    /// By a number.
    Scaled(Box<Expression>, f32),
    Min(Vec<Expression>),
    Max(Vec<Expression>),
    Clamp(Box<[Expression; 3]>),
}

/// The same for one element: pixels, and shares of a basis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Linear { px: f32, share: f32 },
    Sum(Vec<Node>),
    Scaled(Box<Node>, f32),
    Min(Vec<Node>),
    Max(Vec<Node>),
    Clamp(Box<[Node; 3]>),
}

impl Node {
    pub(crate) fn resolve(&self, basis: f32) -> f32 {
        let all = |nodes: &[Node], with: fn(f32, f32) -> f32| {
            nodes
                .iter()
                .map(|node| node.resolve(basis))
                .reduce(with)
                .unwrap_or(0.0)
        };
        match self {
            Node::Linear { px, share } => px + share * basis,
            Node::Sum(nodes) => nodes.iter().map(|node| node.resolve(basis)).sum(),
            Node::Scaled(node, by) => node.resolve(basis) * by,
            Node::Min(nodes) => all(nodes, f32::min),
            Node::Max(nodes) => all(nodes, f32::max),
            Node::Clamp(three) => {
                let [min, middle, max] = &**three;
                middle
                    .resolve(basis)
                    .min(max.resolve(basis))
                    .max(min.resolve(basis))
            }
        }
    }

    pub(crate) fn has_share(&self) -> bool {
        match self {
            Node::Linear { share, .. } => *share != 0.0,
            Node::Scaled(node, _) => node.has_share(),
            Node::Sum(nodes) | Node::Min(nodes) | Node::Max(nodes) => {
                nodes.iter().any(Node::has_share)
            }
            Node::Clamp(three) => three.iter().any(Node::has_share),
        }
    }
}

impl Compute for Expression {
    type Computed = Node;

    fn compute(&self, context: &Context) -> Node {
        let all = |list: &[Expression]| list.iter().map(|one| one.compute(context)).collect();
        match self {
            Expression::Number(n) => Node::Linear { px: *n, share: 0.0 },
            Expression::Length(value, unit) => Node::Linear {
                px: unit.px(*value, context),
                share: 0.0,
            },
            Expression::Percent(percent) => Node::Linear {
                px: 0.0,
                share: percent / 100.0,
            },
            Expression::Sum(list) => sum(all(list)),
            Expression::Scaled(one, by) => match one.compute(context) {
                Node::Linear { px, share } => Node::Linear {
                    px: px * by,
                    share: share * by,
                },
                node => Node::Scaled(Box::new(node), *by),
            },
            Expression::Min(list) => Node::Min(all(list)),
            Expression::Max(list) => Node::Max(all(list)),
            Expression::Clamp(three) => {
                let [a, b, c] = &**three;
                Node::Clamp(Box::new([a, b, c].map(|one| one.compute(context))))
            }
        }
    }
}

/// Adds up what can be added up now.
fn sum(nodes: Vec<Node>) -> Node {
    let (mut px, mut share, mut rest) = (0.0, 0.0, Vec::new());
    for node in nodes {
        match node {
            Node::Linear { px: p, share: s } => {
                px += p;
                share += s;
            }
            other => rest.push(other),
        }
    }
    let linear = Node::Linear { px, share };
    if rest.is_empty() {
        return linear;
    }
    rest.push(linear);
    Node::Sum(rest)
}

/// A value that needs computing, shared by everybody who has it.
pub(crate) type Shared = Rc<Node>;

/// What kind of thing an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Length,
}

/// Reads a function of this family. A pure number is none of ours: see [`number`].
pub(crate) fn length(text: &mut Cursor<'_, '_>) -> Option<Expression> {
    match function(text, 0)? {
        (Kind::Length, expression) => Some(expression),
        (Kind::Number, _) => None,
    }
}

/// Reads a function of this family that comes to a number without a unit.
pub(crate) fn number(text: &mut Cursor<'_, '_>) -> Option<f32> {
    text.attempt(|ahead| match function(ahead, 0)? {
        (Kind::Number, expression) => value(&expression),
        (Kind::Length, _) => None,
    })
}

fn value(expression: &Expression) -> Option<f32> {
    let all = |list: &[Expression], with: fn(f32, f32) -> f32| {
        let values: Option<Vec<f32>> = list.iter().map(value).collect();
        values?.into_iter().reduce(with)
    };
    match expression {
        Expression::Number(n) => Some(*n),
        Expression::Sum(list) => all(list, |a, b| a + b),
        Expression::Scaled(one, by) => Some(value(one)? * by),
        Expression::Min(list) => all(list, f32::min),
        Expression::Max(list) => all(list, f32::max),
        Expression::Clamp(three) => {
            let [min, middle, max] = &**three;
            Some(value(middle)?.min(value(max)?).max(value(min)?))
        }
        Expression::Length(..) | Expression::Percent(_) => None,
    }
}

fn function(text: &mut Cursor<'_, '_>, depth: usize) -> Option<(Kind, Expression)> {
    if depth > NESTING_MAX {
        return None;
    }
    text.attempt(|ahead| {
        let (name, inside) = ahead.function()?;
        match &*name {
            "calc" | "-webkit-calc" => inside.whole(|text| additive(text, depth + 1)),
            "min" => all(inside, depth, Expression::Min),
            "max" => all(inside, depth, Expression::Max),
            "clamp" => {
                let (kind, list) = arguments(inside, depth)?;
                let three: [Expression; 3] = list.try_into().ok()?;
                Some((kind, Expression::Clamp(Box::new(three))))
            }
            _ => None,
        }
    })
}

fn all(
    inside: Cursor<'_, '_>,
    depth: usize,
    make: fn(Vec<Expression>) -> Expression,
) -> Option<(Kind, Expression)> {
    let (kind, list) = arguments(inside, depth)?;
    Some((kind, make(list)))
}

fn arguments(inside: Cursor<'_, '_>, depth: usize) -> Option<(Kind, Vec<Expression>)> {
    let mut kind = None;
    let mut list = Vec::new();
    for part in inside.parts() {
        let (own, expression) = part.whole(|text| additive(text, depth + 1))?;
        if kind.is_some_and(|kind| kind != own) {
            return None;
        }
        kind = Some(own);
        list.push(expression);
    }
    Some((kind?, list))
}

fn additive(text: &mut Cursor<'_, '_>, depth: usize) -> Option<(Kind, Expression)> {
    let (kind, first) = product(text, depth)?;
    let mut terms = vec![first];
    while let Some(sign) = sign(text) {
        let (own, term) = product(text, depth)?;
        if own != kind {
            return None;
        }
        terms.push(if sign < 0.0 {
            Expression::Scaled(Box::new(term), sign)
        } else {
            term
        });
    }
    let sum = match <[Expression; 1]>::try_from(terms) {
        Ok([one]) => one,
        Err(terms) => Expression::Sum(terms),
    };
    Some((kind, sum))
}

/// `+` or `-` between terms.
fn sign(text: &mut Cursor<'_, '_>) -> Option<f32> {
    text.attempt(|ahead| {
        ahead.space();
        match ahead.next()? {
            Token::Delim('+') => Some(1.0),
            Token::Delim('-') => Some(-1.0),
            _ => None,
        }
    })
}

fn product(text: &mut Cursor<'_, '_>, depth: usize) -> Option<(Kind, Expression)> {
    let (mut kind, mut out) = factor(text, depth)?;
    loop {
        if text.delim('*') {
            let (own, right) = factor(text, depth)?;
            match (kind, own) {
                (_, Kind::Number) => out = Expression::Scaled(Box::new(out), value(&right)?),
                (Kind::Number, _) => {
                    out = Expression::Scaled(Box::new(right), value(&out)?);
                    kind = own;
                }
                _ => return None,
            }
        } else if text.delim('/') {
            let (own, right) = factor(text, depth)?;
            let by = value(&right).filter(|by| own == Kind::Number && *by != 0.0)?;
            out = Expression::Scaled(Box::new(out), 1.0 / by);
        } else {
            return Some((kind, out));
        }
    }
}

fn factor(text: &mut Cursor<'_, '_>, depth: usize) -> Option<(Kind, Expression)> {
    if depth > NESTING_MAX {
        return None;
    }
    text.space();
    match text.peek()? {
        Token::Number { value, .. } => {
            text.next();
            Some((Kind::Number, Expression::Number(*value)))
        }
        Token::Percent(percent) => {
            text.next();
            Some((Kind::Length, Expression::Percent(*percent)))
        }
        Token::Dimension { value, unit: name } => {
            let (value, unit) = unit(*value, name)?;
            text.next();
            Some((Kind::Length, Expression::Length(value, unit)))
        }
        Token::Open(Bracket::Round) => {
            text.next();
            text.inside(Bracket::Round)
                .whole(|text| additive(text, depth + 1))
        }
        Token::Function(_) => function(text, depth + 1),
        Token::Ident(name) if name.eq_ignore_ascii_case("pi") => {
            text.next();
            Some((Kind::Number, Expression::Number(std::f32::consts::PI)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::css::token::tokenize;

    fn px(text: &str, basis: f32) -> Option<f32> {
        let tokens = tokenize(text);
        let found = Cursor::new(&tokens).whole(length)?;
        Some(found.compute(&Context::sample()).resolve(basis))
    }

    #[test]
    fn sums_products_and_limits() {
        assert_eq!(px("calc(100% - 2 * 10px)", 500.0), Some(480.0));
        assert_eq!(px("calc((1em + 2rem) / 2)", 0.0), Some(20.0));
        assert_eq!(px("min(50%, 100px)", 500.0), Some(100.0));
        assert_eq!(px("max(50%, 100px)", 100.0), Some(100.0));
        assert_eq!(px("clamp(10px, 5%, 30px)", 100.0), Some(10.0));
        assert_eq!(px("calc(1px + min(2px, 3px) * -1)", 0.0), Some(-1.0));
        assert_eq!(px("calc(2 * (3px + 1px))", 0.0), Some(8.0));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            "calc(1px + 2)",
            "calc(1px * 2px)",
            "calc(1px / 0)",
            "calc(2)",
            "calc()",
            "min()",
            "min(1px, 2)",
            "clamp(1px, 2px)",
            "calc(1px 2px)",
        ] {
            assert_eq!(px(wrong, 0.0), None, "{wrong}");
        }
    }

    #[test]
    fn numbers() {
        let number = |text: &str| {
            let tokens = tokenize(text);
            Cursor::new(&tokens).whole(super::number)
        };
        assert_eq!(number("calc(1 + 2 * 3)"), Some(7.0));
        assert_eq!(number("calc(1px)"), None);
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |n: usize| format!("{}1px{}", "calc(".repeat(n), ")".repeat(n));
        assert_eq!(px(&nested(10), 0.0), Some(1.0));
        assert_eq!(px(&nested(1_000), 0.0), None);
    }
}
