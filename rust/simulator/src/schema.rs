//! Which members users and addresses have on this appliance, worked out from the state that it starts with.
//!
//! A member that no user has does not exist, so a PATCH that names it is ignored (FW; esg 7). One that some have is
//! writable, of the type seen, and nullable unless every user has it.

use serde_json::{Map, Value};

use crate::profile::Profile;
use crate::state::User;

/// The members beyond those that every appliance has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schema {
    /// Members of users in their order.
    pub(crate) user: Vec<Field>,
    /// Names of members of address elements in their order.
    pub(crate) address: Vec<String>,
    users_seen: usize,
}

/// A member of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    kind: Option<Kind>,
    values_seen: usize,
    /// Whether it may be null, where the profile says so.
    nullable: Option<bool>,
}

/// The JSON types that a member is checked for; lists and objects are taken as they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
}

impl Kind {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self::Text),
            Value::Bool(_) => Some(Self::Flag),
            Value::Number(_) => Some(Self::Number),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The name that error texts use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Flag => "bool",
            Self::Number => "int",
        }
    }
}

impl Schema {
    /// The members that the profile has, and those of the users.
    pub(crate) fn of(users: &[User], profile: Profile) -> Self {
        let declared = profile.words().members.iter().map(|(name, kind, nullable)| Field {
            name: (*name).to_owned(),
            kind: Some(*kind),
            values_seen: 0,
            nullable: Some(*nullable),
        });
        let mut schema = Self { user: declared.collect(), ..Self::default() };
        for user in users {
            schema.observe(user);
        }
        schema
    }

    /// Learns the members of one more user.
    pub(crate) fn observe(&mut self, user: &User) {
        self.users_seen += 1;
        for (name, value) in &user.fields {
            let field = match self.user.iter_mut().position(|field| field.name == *name) {
                Some(index) => &mut self.user[index],
                None => {
                    self.user.push(Field { name: name.clone(), kind: None, values_seen: 0, nullable: None });
                    let last = self.user.len() - 1;
                    &mut self.user[last]
                }
            };
            if !value.is_null() {
                field.values_seen += 1;
                field.kind = field.kind.or(Kind::of(value));
            }
        }
        for address in &user.email_addresses {
            for name in address.fields.keys() {
                if !self.address.contains(name) {
                    self.address.push(name.clone());
                }
            }
        }
    }

    /// The member of users of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.user.iter().find(|field| field.name == name)
    }

    /// Whether `field` may hold null.
    pub(crate) fn nullable(&self, field: &Field) -> bool {
        field.nullable.unwrap_or(field.values_seen < self.users_seen)
    }

    /// What a new user has where the caller says nothing: flags that are never null start as true (FW default of
    /// the recordings; UNK for a real appliance).
    pub(crate) fn defaults(&self) -> Map<String, Value> {
        self.user
            .iter()
            .filter(|field| field.kind == Some(Kind::Flag) && !self.nullable(field))
            .map(|field| (field.name.clone(), Value::Bool(true)))
            .collect()
    }
}

impl Field {
    /// The type of this member, or `None` if any will do.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Whether `value`, which is not null, has the type of this member.
    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.kind.is_none_or(|kind| Kind::of(value) == Some(kind))
    }
}
