//! Sums over processes, bounded in every direction, and broken files.

use super::super::counters::{ERROR_TYPES_MAX, FILE_BYTES_MAX, NAMES_MAX};
use super::*;

fn delta(calls: u64, error: &str) -> Delta {
    Delta {
        loads: 1,
        calls,
        fuel: 10,
        errors: vec![(error.to_owned(), 1)],
    }
}

#[test]
fn counters_add_up_over_many_writers() {
    let home = Home::new();
    home.open();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let counters = Counters::open(&home.dir()).unwrap();
                for _ in 0..25 {
                    counters.add("resize", &delta(2, "oom")).unwrap();
                }
            });
        }
    });
    let sums = home.open().counters().read("resize").unwrap();
    assert_eq!(
        (sums.loads, sums.calls, sums.fuel, sums.errors["oom"]),
        (100, 200, 1000, 100)
    );
    assert!(sums.last_used().elapsed().unwrap() < Duration::from_secs(60));
    assert_eq!(home.open().counters().read("other"), None);
}

#[test]
fn counters_are_bounded_in_names_types_and_sums() {
    let home = Home::new();
    let counters = home.open().counters();
    let names: Vec<String> = (0..NAMES_MAX).map(|i| format!("module-{i}")).collect();
    let once = delta(1, "oom");
    counters
        .add_all(names.iter().map(|name| (name.as_str(), &once)))
        .unwrap();
    assert_eq!(counters.all().len(), NAMES_MAX);
    counters.add("one more", &once).unwrap();
    assert_eq!(counters.all().len(), NAMES_MAX);
    assert!(counters.read("one more").is_some());

    for i in 0..=ERROR_TYPES_MAX {
        counters
            .add("one more", &delta(u64::MAX, &format!("type {i}")))
            .unwrap();
    }
    let sums = counters.read("one more").unwrap();
    assert_eq!((sums.errors.len(), sums.calls), (ERROR_TYPES_MAX, u64::MAX));

    let long = "n".repeat(NAME_BYTES_MAX + 1);
    counters.add(&long, &once).unwrap();
    assert_eq!(counters.read(&long).unwrap().calls, 1);
    assert!(
        counters
            .all()
            .keys()
            .all(|name| name.len() <= NAME_BYTES_MAX)
    );
}

#[test]
fn counters_of_a_broken_file_start_from_zero() {
    let home = Home::new();
    let counters = home.open().counters();
    let path = home.dir().join("counters.json");
    counters.add("resize", &delta(1, "oom")).unwrap();
    let mut too_large = fs::read(&path).unwrap();
    too_large.resize(usize::try_from(FILE_BYTES_MAX).unwrap(), b' ');
    fs::write(&path, &too_large).unwrap();
    assert_eq!(counters.all().len(), 1, "exactly the largest file is read");
    too_large.push(b' ');
    for broken in [
        too_large.as_slice(),
        b"",
        b"{",
        b"[]",
        b"{\"resize\": 5}",
        &[0xff; 100],
    ] {
        fs::write(&path, broken).unwrap();
        assert!(counters.all().is_empty());
        counters.add("resize", &delta(1, "oom")).unwrap();
        assert_eq!(counters.read("resize").unwrap().calls, 1);
    }
}
