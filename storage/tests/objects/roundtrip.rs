//! Writing and reading.

use bytes::Bytes;
use isds_core::ids::ObjectId;
use isds_core::ports::StoreError;
use storage::Error;
use storage::objects::{MasterKey, open};

use crate::{Fixture, pattern, read, stream_in, url};

const CHUNK: usize = 65_536;

/// Around every border: chunk, part of an upload (four chunks), piece of a read (four chunks).
const LENGTHS: [usize; 12] = [
    0,
    1,
    15_000,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    4 * CHUNK - 1,
    4 * CHUNK,
    4 * CHUNK + 1,
    8 * CHUNK,
    9 * CHUNK + 17,
    3_000_000,
];

#[tokio::test]
async fn whole_objects() {
    let fixture = Fixture::new().await;
    for length in LENGTHS {
        let bytes = pattern(length);
        let id = fixture.objects.put(bytes.clone()).await.unwrap();
        assert_eq!(
            read(&fixture.objects, &id, 0, length as u64).await.unwrap(),
            bytes,
            "{length}"
        );
        let expected = 64 + length + 16 * length.div_ceil(CHUNK).max(1);
        assert_eq!(std::fs::metadata(fixture.file(&id)).unwrap().len(), expected as u64);
    }
}

#[tokio::test]
async fn streamed_objects() {
    let fixture = Fixture::new().await;
    for length in LENGTHS {
        let bytes = pattern(length);
        for step in [1000, CHUNK, 700_001] {
            let id = stream_in(&fixture.objects, &bytes, step).await;
            assert_eq!(
                read(&fixture.objects, &id, 0, length as u64).await.unwrap(),
                bytes,
                "{length} by {step}"
            );
        }
    }
    assert_eq!(
        fixture.files(),
        3 * LENGTHS.len(),
        "only finished objects lie in the folder"
    );
}

#[tokio::test]
async fn ranges() {
    let fixture = Fixture::new().await;
    let bytes = pattern(9 * CHUNK + 17);
    let id = fixture.objects.put(bytes.clone()).await.unwrap();
    let borders = [
        0,
        1,
        CHUNK - 1,
        CHUNK,
        CHUNK + 1,
        4 * CHUNK,
        5 * CHUNK - 3,
        9 * CHUNK,
        9 * CHUNK + 16,
        bytes.len(),
    ];
    for from in borders {
        for to in borders.into_iter().filter(|to| *to >= from) {
            let range = read(&fixture.objects, &id, from as u64, (to - from) as u64)
                .await
                .unwrap();
            assert_eq!(range, bytes[from..to], "{from}..{to}");
        }
    }
}

#[tokio::test]
async fn nothing_of_the_content_or_its_key_is_in_the_file() {
    let fixture = Fixture::new().await;
    let secret = b"rozhodnuti o pokute".repeat(1000);
    let (first, second) = (
        fixture.objects.put(secret.clone().into()).await,
        fixture.objects.put(secret.into()).await,
    );
    let (first, second) = (fixture.file(&first.unwrap()), fixture.file(&second.unwrap()));
    let (first, second) = (std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    assert!(
        !first
            .windows(12)
            .any(|window| b"rozhodnuti o pokute".windows(12).any(|part| part == window))
    );
    // Another data key for each, so equal contents cannot be told.
    assert!(first[24..].chunks(8).zip(second[24..].chunks(8)).all(|(a, b)| a != b));
}

#[tokio::test]
async fn what_was_given_up_leaves_nothing() {
    let fixture = Fixture::new().await;
    for length in [0, 10, 2_000_000] {
        let mut writer = fixture.objects.create().await.unwrap();
        writer.write(&pattern(length)).await.unwrap();
        writer.abort().await.unwrap();
    }
    assert_eq!(fixture.files(), 0);
    let mut dropped = fixture.objects.create().await.unwrap();
    dropped.write(&pattern(2_000_000)).await.unwrap();
    drop(dropped);
    // The file is removed by a task of its own, some time after the drop.
    let gone = async {
        while fixture.files() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), gone)
        .await
        .unwrap();
}

#[tokio::test]
async fn removed_and_missing_objects() {
    let fixture = Fixture::new().await;
    let id = fixture.objects.put(Bytes::from_static(b"x")).await.unwrap();
    fixture.objects.delete(&id).await.unwrap();
    fixture.objects.delete(&id).await.unwrap();
    assert!(
        matches!(read(&fixture.objects, &id, 0, 1).await, Err(StoreError::MissingObject(missing)) if missing == id)
    );
    // What is no identifier never becomes a path.
    std::fs::write(fixture.folder.path().join("outside"), "x").unwrap();
    for wrong in [
        "",
        "../outside",
        "outside",
        "AB",
        &"A".repeat(32),
        &"g".repeat(32),
        "ab/../../../../etc/passwd",
    ] {
        let wrong = ObjectId(wrong.to_owned());
        assert!(matches!(
            read(&fixture.objects, &wrong, 0, 1).await,
            Err(StoreError::MissingObject(_))
        ));
        fixture.objects.delete(&wrong).await.unwrap();
    }
    assert!(fixture.folder.path().join("outside").exists());
}

#[tokio::test]
async fn clearing_removes_all_and_keeps_the_folder_usable() {
    let fixture = Fixture::new().await;
    for n in 0..40 {
        fixture.objects.put(pattern(n)).await.unwrap();
    }
    assert_eq!(fixture.files(), 40);
    fixture.objects.clear().await.unwrap();
    assert_eq!(fixture.files(), 0);
    let id = fixture.objects.put(pattern(5)).await.unwrap();
    let again = open(&url(fixture.folder.path()), fixture.key.clone()).await.unwrap();
    assert_eq!(read(&again, &id, 0, 5).await.unwrap(), pattern(5));
}

#[tokio::test]
async fn another_master_key_is_refused_at_the_door() {
    let fixture = Fixture::new().await;
    let other = open(&url(fixture.folder.path()), MasterKey::generate().unwrap()).await;
    assert!(matches!(other, Err(Error::OtherMasterKey)));
    for wrong in ["", "file:", "s3://", "/tmp"] {
        assert!(
            matches!(open(wrong, fixture.key.clone()).await, Err(Error::Url(_))),
            "{wrong}"
        );
    }
    let file = fixture.folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(
        open(&url(&file), fixture.key.clone()).await,
        Err(Error::Io { .. })
    ));
}
