//! How much may be under way at once, in all and for one asker.
//!
//! In: who asks. Out: a [`Seat`], which is free again when it is dropped. Never: one pod that takes all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many seats.
#[derive(Debug, Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    in_all: usize,
    each: usize,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by: HashMap<IpAddr, usize>,
}

/// One of them, taken.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    who: IpAddr,
}

impl Seats {
    pub(super) fn new(in_all: usize, each: usize) -> Self {
        Self {
            taken: Arc::default(),
            in_all,
            each,
        }
    }

    /// A seat, if there is one for this asker.
    pub(super) fn take(&self, who: IpAddr) -> Option<Seat> {
        let mut taken = self.taken();
        if taken.in_all >= self.in_all {
            return None;
        }
        let own = taken.by.entry(who).or_default();
        if *own >= self.each {
            return None;
        }
        *own += 1;
        taken.in_all += 1;
        Some(Seat {
            seats: self.clone(),
            who,
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.in_all = taken.in_all.saturating_sub(1);
        if let Some(own) = taken.by.get_mut(&self.who) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.by.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asker_does_not_take_all_and_seats_are_free_again() {
        let seats = Seats::new(3, 2);
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = seats.take(one).unwrap();
        let _second = seats.take(one).unwrap();
        assert!(seats.take(one).is_none());
        let _third = seats.take(other).unwrap();
        assert!(seats.take(other).is_none(), "all are taken");
        drop(first);
        assert!(seats.take(other).is_some());
        assert_eq!(seats.taken().by.len(), 2);
    }
}
