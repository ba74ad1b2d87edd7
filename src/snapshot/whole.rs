//! A snapshot in one piece: the engine itself is what serde writes and reads, one activity at a time.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::head::HeadV1;
use super::record::RecordV1;
use super::Restore;
use crate::Engine;

#[derive(Serialize)]
enum Written<'a, K: Serialize, D: Serialize> {
    V1(WrittenV1<'a, K, D>),
}

#[derive(Serialize)]
struct WrittenV1<'a, K: Serialize, D: Serialize> {
    head: HeadV1,
    records: Records<'a, K, D>,
}

struct Records<'a, K, D>(&'a Engine<K, D>);

impl<K: Serialize, D: Serialize> Serialize for Engine<K, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::V1(WrittenV1 { head: self.head(), records: Records(self) }).serialize(serializer)
    }
}

impl<K: Serialize, D: Serialize> Serialize for Records<'_, K, D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut records = serializer.serialize_seq(Some(self.0.len()))?;
        for record in self.0.activities.records() {
            records.serialize_element(&record)?;
        }
        records.end()
    }
}

#[derive(Deserialize)]
#[serde(bound = "K: Deserialize<'de>, D: Deserialize<'de>")]
enum Read<K, D> {
    V1(ReadV1<K, D>),
}

struct ReadV1<K, D>(Engine<K, D>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    Head,
    Records,
}

impl<'de, K: Deserialize<'de>, D: Deserialize<'de>> Deserialize<'de> for Engine<K, D> {
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        let Read::V1(ReadV1(engine)) = Read::deserialize(deserializer)?;
        Ok(engine)
    }
}

impl<'de, K: Deserialize<'de>, D: Deserialize<'de>> Deserialize<'de> for ReadV1<K, D> {
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        deserializer.deserialize_struct(
            "WrittenV1",
            &["head", "records"],
            WholeVisitor(PhantomData),
        )
    }
}

struct WholeVisitor<K, D>(PhantomData<(K, D)>);

impl<'de, K: Deserialize<'de>, D: Deserialize<'de>> Visitor<'de> for WholeVisitor<K, D> {
    type Value = ReadV1<K, D>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the head and the records of a snapshot")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let head = parts.next_element()?.ok_or_else(|| Error::invalid_length(0, &self))?;
        let mut restore = Restore::from_head(head).map_err(Error::custom)?;
        let records = parts.next_element_seed(Into(&mut restore))?;
        records.ok_or_else(|| Error::invalid_length(1, &self))?;
        restore.finish().map(ReadV1).map_err(Error::custom)
    }

    /// The head stands first where this crate wrote. Where somebody has turned the fields round, the records
    /// wait for it.
    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut restore: Option<Restore<K, D>> = None;
        let mut waiting: Option<Vec<RecordV1<K, D>>> = None;
        let mut has_records = false;
        while let Some(field) = parts.next_key()? {
            match (field, &mut restore) {
                (Field::Head, Some(_)) => return Err(Error::duplicate_field("head")),
                (Field::Head, None) => {
                    restore = Some(Restore::from_head(parts.next_value()?).map_err(Error::custom)?);
                }
                (Field::Records, _) if has_records => {
                    return Err(Error::duplicate_field("records"));
                }
                (Field::Records, Some(restore)) => {
                    parts.next_value_seed(Into(restore))?;
                    has_records = true;
                }
                (Field::Records, None) => {
                    waiting = Some(parts.next_value()?);
                    has_records = true;
                }
            }
        }
        let mut restore = restore.ok_or_else(|| Error::missing_field("head"))?;
        if !has_records {
            return Err(Error::missing_field("records"));
        }
        for record in waiting.into_iter().flatten() {
            restore.record(record).map_err(Error::custom)?;
        }
        restore.finish().map(ReadV1).map_err(Error::custom)
    }
}

/// Reads records straight into what is being restored.
struct Into<'a, K, D>(&'a mut Restore<K, D>);

impl<'de, K: Deserialize<'de>, D: Deserialize<'de>> DeserializeSeed<'de> for Into<'_, K, D> {
    type Value = ();

    fn deserialize<S: Deserializer<'de>>(self, deserializer: S) -> Result<(), S::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, K: Deserialize<'de>, D: Deserialize<'de>> Visitor<'de> for Into<'_, K, D> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the records of a snapshot")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        while let Some(record) = records.next_element()? {
            self.0.record(record).map_err(Error::custom)?;
        }
        Ok(())
    }
}
