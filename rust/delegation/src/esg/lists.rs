//! Many short lists in little memory, and the small numbers that they are asked with.

/// What belongs to each of many numbered things (addresses, users, mailboxes), in one piece of memory: most lists have one
/// member or none.
#[derive(Default)]
pub(super) struct Lists<M = usize> {
    /// Where the list of a thing begins; one more than there are things.
    starts: Vec<u32>,
    members: Vec<M>,
}

impl<M: Copy + Default> Lists<M> {
    /// The lists of `things` things from pairs of thing and member. The members of a list stay in the order in which they come.
    pub fn new<T: Into<usize>>(things: usize, pairs: impl Iterator<Item = (T, M)> + Clone) -> Self {
        let mut starts = vec![0; things + 1];
        pairs.clone().for_each(|(thing, _)| starts[thing.into() + 1] += 1);
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut members = vec![M::default(); starts[things] as usize];
        for (thing, member) in pairs {
            let next = &mut next[thing.into()];
            members[*next as usize] = member;
            *next += 1;
        }
        Self { starts, members }
    }

    /// The members of every list, one list after the other.
    pub fn members(&self) -> &[M] {
        &self.members
    }

    pub fn of(&self, thing: impl Into<usize>) -> &[M] {
        let thing = thing.into();
        &self.members[self.starts[thing] as usize..self.starts[thing + 1] as usize]
    }
}

/// Places are kept in four bytes, half the memory to walk through: no tenant has four thousand million of anything.
pub(super) fn id(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
