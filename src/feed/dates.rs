//! Points in time as text: RFC 3339 for feeds and usage events, IMF-fixdate (RFC 9110, 5.6.7) for headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY_S: u64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A point in time, in the Gregorian calendar, UTC. What lies before 1970 is taken for its first second.
struct Civil {
    days: u64,
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Civil {
    fn new(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let days = seconds / DAY_S;
        // Howard Hinnant, "chrono-compatible low-level date algorithms": years begin in March, so that the
        // leap day is their last, and 400 years (an era) have 146,097 days.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Self {
            days,
            year: era * 400 + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: seconds % DAY_S / 3_600,
            minute: seconds % 3_600 / 60,
            second: seconds % 60,
        }
    }
}

/// `2024-02-29T12:34:56Z`.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::new(time);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `2024-02-29T12:34:56.789Z`.
#[must_use]
pub fn rfc3339_ms(time: SystemTime) -> String {
    let ms = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_millis());
    rfc3339(time).replace('Z', &format!(".{ms:03}Z"))
}

/// Reads `20240229T123456Z`, as signed addresses have it; `None` for anything else, and for what is no day.
#[must_use]
pub fn basic(text: &str) -> Option<SystemTime> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let is_number = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(date, 8) || !is_number(time, 6) {
        return None;
    }
    let part = |text: &str, from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
    let (hour, minute, second) = (part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // The same author, the other way round: years begin in March.
    let shifted = year - u64::from(month <= 2);
    let (era, year_of_era) = (shifted / 400, shifted % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    Some(UNIX_EPOCH + Duration::from_secs(days * DAY_S + hour * 3_600 + minute * 60 + second))
}

/// `Thu, 29 Feb 2024 12:34:56 GMT`.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "days of a week and months of a year")]
pub fn http(time: SystemTime) -> String {
    let Civil { days, year, month, day, hour, minute, second } = Civil::new(time);
    let weekday = WEEKDAYS[(days % 7) as usize];
    let month = MONTHS[(month - 1) as usize];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn dates_are_right_on_leap_days_and_turns_of_years() {
        assert_eq!(rfc3339(at(0)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(at(951_782_400)), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(at(1_709_210_096)), "2024-02-29T12:34:56Z");
        assert_eq!(rfc3339(at(1_735_689_599)), "2024-12-31T23:59:59Z");
        assert_eq!(rfc3339(at(4_107_542_400)), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in [0, 951_782_400, 951_868_799, 1_369_353_600, 1_709_210_096, 1_735_689_599, 4_107_542_400] {
            let text = rfc3339(at(seconds)).replace(['-', ':'], "");
            assert_eq!(basic(&text), Some(at(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_point_in_time_is_not_read() {
        for text in [
            "",
            "20240229T123456",
            "2024-02-29T12:34:56Z",
            "20241329T123456Z",
            "20240200T123456Z",
            "20240229T243456Z",
            "+0240229T123456Z",
            "1969é131T000000Z",
        ] {
            assert_eq!(basic(text), None, "{text}");
        }
    }

    #[test]
    fn milliseconds_have_three_digits() {
        let time = |ms| UNIX_EPOCH + Duration::from_millis(ms);
        assert_eq!(rfc3339_ms(time(1_709_210_096_007)), "2024-02-29T12:34:56.007Z");
        assert_eq!(rfc3339_ms(time(1_735_689_599_999)), "2024-12-31T23:59:59.999Z");
    }

    #[test]
    fn headers_name_the_day_of_the_week() {
        assert_eq!(http(at(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http(at(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
