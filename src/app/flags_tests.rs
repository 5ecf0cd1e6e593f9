//! Who tries out what, and when it is given up.

use proptest::prelude::*;

use super::*;

/// Ids as they are made: 32 hexadecimal digits.
fn ids() -> impl Iterator<Item = String> {
    (0_u64..10_000).map(|n| format!("{:016x}{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15), n))
}

fn shared(percent: u8, id: &str) -> Flags {
    Flags::decide(Some(id), |_| Some((Rollout::Share(percent), Teller::File)), |_| None)
}

/// An id that is among 25 % for this flag, and is not among 10 %.
fn id_between(flag: Flag) -> String {
    ids().find(|id| is_in(id, flag, 25) && !is_in(id, flag, 10)).unwrap()
}

fn served(flag: Flag, percent: u8) -> Served {
    Served { by: "feed.example".into(), shares: [(flag.name().to_owned(), percent)].into() }
}

#[test]
fn a_share_of_ten_thousand_installations_is_as_large_as_it_is_said_to_be() {
    for flag in Flag::ALL {
        for percent in [0, 10, 25, 50, 100] {
            let among = ids().filter(|id| is_in(id, flag, percent)).count();
            let expected = usize::from(percent) * 100;
            // Four standard deviations of a fair draw are 200 at most.
            assert!(among.abs_diff(expected) <= 200, "{} at {percent} %: {among}", flag.name());
            assert!((percent != 0 || among == 0) && (percent != 100 || among == 10_000), "none and all are exact");
        }
    }
}

#[test]
fn who_is_among_ten_percent_is_among_twenty_five() {
    for flag in Flag::ALL {
        for id in ids().take(2000) {
            let among: Vec<_> = (0..=100).map(|percent| is_in(&id, flag, percent)).collect();
            assert!(among.is_sorted(), "{id} leaves {} again as its share grows", flag.name());
        }
    }
}

#[test]
fn flags_deal_the_installations_out_apart_from_each_other() {
    let both = ids().filter(|id| is_in(id, Flag::AutoSkipFailed, 50) && is_in(id, Flag::PreloadPlusThree, 50)).count();
    assert!((2300..=2700).contains(&both), "{both} of 10,000 are in both halves");
}

#[test]
fn an_installation_never_changes_sides() {
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(Flag::ALL.map(|flag| bucket(id, flag)), [6870, 4156, 4716]);
}

#[test]
fn what_a_person_chose_weighs_more_than_a_share_and_than_a_bound_that_was_broken() {
    let chosen = |flag| Some((Rollout::Chosen(flag == Flag::PreloadPlusThree), Teller::Config));
    let flags = Flags::decide(Some("id"), chosen, |_| Some(Breach::Memory));
    for flag in Flag::ALL {
        let on = flag == Flag::PreloadPlusThree;
        assert_eq!(flags.decision(flag), Decision { on, why: Why::Chosen(Teller::Config) });
    }
    assert_eq!(flags.rolled_back().count() + flags.on_by_share().count(), 0);
}

#[test]
fn without_an_id_no_share_counts() {
    let flags = Flags::decide(None, |_| Some((Rollout::Share(100), Teller::Feed)), |_| None);
    assert_eq!(flags, Flags::default());
    assert_eq!(Flag::ALL.map(|flag| flags.is_on(flag)), [false, true, false]);
}

#[test]
fn a_broken_bound_switches_off_what_a_share_switched_on_and_nothing_else() {
    let told = |flag| match flag {
        Flag::AutoSkipFailed => Some((Rollout::Chosen(true), Teller::Config)),
        Flag::PreloadPlusThree => Some((Rollout::Share(100), Teller::Feed)),
        Flag::WideWindowEcho => None,
    };
    let mut flags = Flags::decide(Some("id"), told, |_| None);
    assert_eq!(flags.roll_back(Breach::LoadFailures), [Flag::PreloadPlusThree]);
    assert_eq!(Flag::ALL.map(|flag| flags.is_on(flag)), [true, true, false]);
    assert_eq!(flags.rolled_back().collect::<Vec<_>>(), [(Flag::PreloadPlusThree, Breach::LoadFailures)]);
    assert_eq!(flags.roll_back(Breach::Memory), [], "once is enough");
    let again = Flags::decide(Some("id"), told, |flag| (flag == Flag::PreloadPlusThree).then_some(Breach::LoadFailures));
    assert_eq!(again, flags, "it stays off at the next start");
}

#[test]
fn a_feed_service_that_takes_a_flag_back_ends_it_at_once_and_one_that_gives_it_waits_for_the_next_start() {
    let flag = Flag::PreloadPlusThree;
    let id = id_between(flag);
    let from_feed = |percent| Flags::decide(Some(&id), |_| Some((Rollout::Share(percent), Teller::Feed)), |_| None);
    let mut flags = from_feed(25);
    assert_eq!(flags.serve(&served(flag, 50)), []);
    assert_eq!(flags.serve(&served(flag, 10)), [flag]);
    assert_eq!(flags.decision(flag), Decision { on: false, why: Why::Share(10, Teller::Feed) });
    let mut flags = from_feed(10);
    assert_eq!(flags.serve(&served(flag, 25)), []);
    assert!(!flags.is_on(flag));
    let mut flags = Flags::decide(Some(&id), |_| None, |_| None);
    assert_eq!(flags.serve(&served(Flag::WideWindowEcho, 0)), [Flag::WideWindowEcho], "also what is on by default");
}

#[test]
fn a_feed_service_does_not_overrule_files_on_this_machine() {
    let flag = Flag::PreloadPlusThree;
    for told in [(Rollout::Share(100), Teller::File), (Rollout::Chosen(true), Teller::Config)] {
        let mut flags = Flags::decide(Some("id"), |_| Some(told), |_| None);
        assert_eq!(flags.serve(&served(flag, 0)), []);
        assert!(flags.is_on(flag));
    }
}

/// A history in which `+` had the flag and came to its end, `x` had it and did not, `.` and `,` the same without it.
fn history(of: &str) -> Vec<Session> {
    let session =
        |sign: char| Session { flags: if "+x".contains(sign) { vec![Flag::AutoSkipFailed] } else { vec![] }, clean: "+.".contains(sign) };
    of.chars().map(session).collect()
}

#[test]
fn two_crashes_in_a_row_with_a_flag_and_none_before_it_are_held_against_it() {
    for (of, crashes) in [
        ("", false),
        ("x", false),
        ("xx", true),
        (".xx", true),
        (",xx", false),
        (",.xx", true),
        (".x+x", false),
        (".xx+", false),
        (".xx.", false),
        (".+xx", true),
        (".x,x", false),
    ] {
        assert_eq!(keeps_crashing(&history(of), Flag::AutoSkipFailed), crashes, "{of}");
        assert!(!keeps_crashing(&history(of), Flag::PreloadPlusThree), "{of}: a flag that was never on");
    }
}

proptest! {
    #[test]
    fn whatever_an_id_is_its_side_depends_on_nothing_but_id_flag_and_share(id in ".{0,64}", percent in 0_u8..=100) {
        for flag in Flag::ALL {
            prop_assert_eq!(shared(percent, &id).is_on(flag), is_in(&id, flag, percent));
            prop_assert!(is_in(&id, flag, 100) && !is_in(&id, flag, 0));
        }
    }
}
