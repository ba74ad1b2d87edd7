//! How shapes are declared: each structure and enumeration of the service model once, as a list of its members.

/// A structure: required and optional members by their wire names. Reads as [`Shape`] says, and writes the
/// members that are there, in this order.
macro_rules! structure {
    ($(
        $(#[$meta:meta])*
        $name:ident {$(
            $(#[$doc:meta])*
            $need:ident $field:ident: $type:ty = $member:literal,
        )*}
    )*) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[allow(clippy::exhaustive_structs, reason = "the SWF API version that lists the members is frozen")]
        pub struct $name {$(
            $(#[$doc])*
            pub $field: structure!(@type $need $type),
        )*}

        impl $name {
            /// Reads one, types first, then values.
            ///
            /// # Errors
            /// [`ReadError::Malformed`](crate::swf::ReadError::Malformed) as the format has it, else
            /// [`ReadError::Invalid`](crate::swf::ReadError::Invalid) with every member that is wrong.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, crate::swf::ReadError<D::Error>> {
                crate::swf::shape::read(deserializer)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeStruct;
                let members = [$(structure!(@present $need self.$field)),*];
                let present = members.into_iter().filter(|present| *present).count();
                let mut structure = serializer.serialize_struct(stringify!($name), present)?;
                $(structure!(@write $need structure, $member, self.$field);)*
                structure.end()
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::swf::shape::deserialize(deserializer)
            }
        }

        const _: () = {
            use crate::swf::shape::{Map, Noted, Notes, Path, Shape};

            #[derive(serde::Deserialize)]
            pub(crate) struct Wire {$(
                #[serde(rename = $member)]
                $field: Option<<$type as Shape>::Wire>,
            )*}

            impl Shape for $name {
                type Wire = Map<Wire>;

                fn parse(Map(wire): Map<Wire>, at: Path<'_>, notes: &mut Notes) -> Result<Self, Noted> {
                    // All are parsed before the first failure ends it: one answer names every violation.
                    $(let $field = crate::swf::shape::$need(wire.$field, at.member($member), notes);)*
                    Ok(Self { $($field: $field?),* })
                }
            }
        };
    )*};
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@present required $value:expr) => { true };
    (@present optional $value:expr) => { $value.is_some() };
    (@write required $to:ident, $member:literal, $value:expr) => {
        $to.serialize_field($member, &$value)?
    };
    (@write optional $to:ident, $member:literal, $value:expr) => {
        match &$value {
            Some(value) => $to.serialize_field($member, value)?,
            None => $to.skip_field($member)?,
        }
    };
}

/// An enumeration of words.
macro_rules! words {
    ($(
        $(#[$meta:meta])*
        $name:ident {$(
            $(#[$doc:meta])*
            $variant:ident = $word:literal,
        )*}
    )*) => {$(
        $(#[$meta])*
        #[allow(clippy::exhaustive_enums, reason = "the SWF API version that lists the words is frozen")]
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize)]
        pub enum $name {$(
            $(#[$doc])*
            #[serde(rename = $word)]
            $variant,
        )*}

        impl $name {
            /// Every one, in the order of SWF's service model.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(
                    Self::$variant => $word,
                )*}
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl crate::swf::shape::Shape for $name {
            type Wire = alloc::string::String;

            fn parse(
                wire: Self::Wire,
                at: crate::swf::shape::Path<'_>,
                notes: &mut crate::swf::shape::Notes,
            ) -> Result<Self, crate::swf::shape::Noted> {
                crate::swf::shape::word(&wire, Self::ALL, &[$($word),*], at, notes)
            }
        }
    )*};
}

pub(crate) use structure;
pub(crate) use words;
