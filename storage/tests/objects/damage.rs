//! Whatever happens to the file, what is read is what was written, or an error.

use isds_core::ids::ObjectId;
use isds_core::ports::StoreError;
use storage::objects::{MasterKey, open};

use crate::{Fixture, pattern, read, url};

const CHUNK: usize = 65_536;
const SEALED: usize = CHUNK + 16;

async fn assert_damaged(fixture: &Fixture, id: &ObjectId, length: usize, how: &str) {
    let result = read(&fixture.objects, id, 0, length as u64).await;
    assert!(
        matches!(&result, Err(StoreError::DamagedObject(damaged)) if damaged == id),
        "{how}: {result:?}"
    );
}

#[tokio::test]
async fn flipped_bits() {
    let fixture = Fixture::new().await;
    let length = 2 * CHUNK + 100;
    let id = fixture.objects.put(pattern(length)).await.unwrap();
    let whole = std::fs::read(fixture.file(&id)).unwrap();
    let places = (0..64).chain([
        64,
        64 + CHUNK,
        64 + SEALED - 1,
        64 + SEALED,
        whole.len() - 17,
        whole.len() - 1,
    ]);
    for place in places {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        std::fs::write(fixture.file(&id), bytes).unwrap();
        assert_damaged(&fixture, &id, length, &format!("byte {place}")).await;
    }
    // A range that does not touch the damaged chunk is still good.
    let mut bytes = whole;
    bytes[64 + SEALED] ^= 1;
    std::fs::write(fixture.file(&id), bytes).unwrap();
    assert_eq!(
        read(&fixture.objects, &id, 0, CHUNK as u64).await.unwrap(),
        pattern(length)[..CHUNK]
    );
}

#[tokio::test]
async fn cut_off_lengthened_reordered() {
    let fixture = Fixture::new().await;
    let length = 3 * CHUNK;
    let id = fixture.objects.put(pattern(length)).await.unwrap();
    let whole = std::fs::read(fixture.file(&id)).unwrap();
    for keep in [
        0,
        10,
        63,
        64,
        79,
        80,
        64 + SEALED - 1,
        64 + SEALED,
        64 + 2 * SEALED,
        whole.len() - 1,
    ] {
        std::fs::write(fixture.file(&id), &whole[..keep]).unwrap();
        assert_damaged(&fixture, &id, length, &format!("cut to {keep}")).await;
        // A reader that asks for less than was cut off must not take the rest for the end either.
        if keep == 64 + 2 * SEALED {
            assert_damaged(&fixture, &id, 2 * CHUNK, "cut at a border").await;
        }
    }
    std::fs::write(fixture.file(&id), [&whole[..], &[0; 20]].concat()).unwrap();
    assert_damaged(&fixture, &id, length, "lengthened").await;
    let swapped = [
        &whole[..64],
        &whole[64 + SEALED..64 + 2 * SEALED],
        &whole[64..64 + SEALED],
        &whole[64 + 2 * SEALED..],
    ];
    std::fs::write(fixture.file(&id), swapped.concat()).unwrap();
    assert_damaged(&fixture, &id, length, "reordered").await;
    let left_out = [&whole[..64 + SEALED], &whole[64 + 2 * SEALED..]];
    std::fs::write(fixture.file(&id), left_out.concat()).unwrap();
    assert_damaged(&fixture, &id, 2 * CHUNK, "left out").await;
}

#[tokio::test]
async fn another_object_in_its_place() {
    let fixture = Fixture::new().await;
    let first = fixture.objects.put(pattern(100)).await.unwrap();
    let second = fixture.objects.put(pattern(100)).await.unwrap();
    std::fs::copy(fixture.file(&first), fixture.file(&second)).unwrap();
    assert_damaged(&fixture, &second, 100, "swapped").await;
    std::fs::remove_file(fixture.file(&first)).unwrap();
    assert!(matches!(
        read(&fixture.objects, &first, 0, 100).await,
        Err(StoreError::MissingObject(_))
    ));
}

#[tokio::test]
async fn more_than_there_is() {
    let fixture = Fixture::new().await;
    let id = fixture.objects.put(pattern(100)).await.unwrap();
    for (offset, length) in [(0, 101), (100, 1), (101, 0), (u64::MAX, 1), (1, u64::MAX)] {
        let result = read(&fixture.objects, &id, offset, length).await;
        assert!(
            matches!(result, Err(StoreError::DamagedObject(_))),
            "{offset}, {length}"
        );
    }
    assert_eq!(read(&fixture.objects, &id, 100, 0).await.unwrap(), b"");
}

#[tokio::test]
async fn a_wrong_master_key() {
    let fixture = Fixture::new().await;
    let id = fixture.objects.put(pattern(100)).await.unwrap();
    // As if somebody had put the files under another installation.
    std::fs::remove_file(fixture.folder.path().join("master-key-id")).unwrap();
    let other = open(&url(fixture.folder.path()), MasterKey::generate().unwrap())
        .await
        .unwrap();
    assert!(matches!(
        read(&other, &id, 0, 100).await,
        Err(StoreError::DamagedObject(_))
    ));
}
