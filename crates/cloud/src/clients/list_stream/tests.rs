//! Reading entry by entry gives what reading the whole gives, wherever the pieces end.

use proptest::prelude::*;

use super::*;
use crate::clients::list_splitter::{MOST_ENTRY, MOST_REST};
use crate::clients::pages::Frame;
use domain::{Image, Membership};

/// What a page comes to: its images, entries without sense, and how it goes on; or what is wrong.
type Outcome = Result<(Vec<Image>, usize, String), Trouble>;

/// The page in pieces that end at these places.
fn in_pieces(page: &[u8], ends: &[usize]) -> Outcome {
    let mut arriving = ListStream::<Image, Frame>::new();
    let mut begin = 0;
    for end in ends.iter().copied().chain([page.len()]) {
        if arriving.take(&page[begin..end]).is_break() {
            break;
        }
        begin = end;
    }
    let listed = arriving.end()?;
    Ok((
        listed.items,
        Unreadable::count(listed.unreadable.as_ref()),
        format!("{:?}", listed.rest.clue()),
    ))
}

fn whole(page: &[u8]) -> Outcome {
    in_pieces(page, &[])
}

fn every_byte(page: &[u8]) -> Outcome {
    in_pieces(page, &(1..page.len()).collect::<Vec<_>>())
}

/// The same by `serde_json`, which has all of it before it.
fn at_once(page: &[u8]) -> Outcome {
    #[derive(Deserialize)]
    struct Lists<'a> {
        #[serde(borrow)]
        images: Option<Vec<&'a RawValue>>,
        // Both are there twice or not: errors come in the order of the document.
        #[expect(dead_code, reason = "it is read for its errors")]
        members: Option<Vec<serde::de::IgnoredAny>>,
        #[serde(default)]
        #[expect(dead_code, reason = "the same")]
        next: crate::clients::lenient::Lenient,
        #[expect(dead_code, reason = "the same")]
        page_info: Option<PageInfo>,
    }
    #[derive(Deserialize)]
    struct PageInfo {
        #[serde(default)]
        #[expect(dead_code, reason = "the same")]
        next_marker: crate::clients::lenient::Lenient,
        #[serde(default)]
        #[expect(dead_code, reason = "the same")]
        current_count: crate::clients::lenient::Lenient,
    }
    let malformed = |why: &str| Trouble::Malformed(why.into());
    if page.trim_ascii_start().starts_with(b"[") {
        return Err(malformed("it has an unexpected structure"));
    }
    let told = |error: serde_json::Error| malformed(&json_trouble(&error));
    let lists: Lists<'_> = serde_json::from_slice(page).map_err(told)?;
    let entries = lists.images.ok_or_else(|| malformed("there is no list in it"))?;
    let images: Vec<Image> = entries.iter().filter_map(|entry| Image::read(entry.get())).collect();
    let frame: Frame = serde_json::from_slice(page).map_err(told)?;
    let unreadable = entries.len() - images.len();
    Ok((images, unreadable, format!("{:?}", frame.clue())))
}

fn malformed(page: &str) -> String {
    match (whole(page.as_bytes()), every_byte(page.as_bytes())) {
        (Err(Trouble::Malformed(why)), Err(Trouble::Malformed(again))) if why == again => why,
        other => panic!("{page}: {other:?}"),
    }
}

const PAGE: &str = "\n{\"first\": \"/v2/images\", \"deep\":{\"images\":[1,2]},\r\n \"images\" :[\n  {\"id\":\"a\",\"name\":\
    \"é镜像\\\"]},[{\\\\\",\"images\":[{\"id\":\"x\"}], \"tags\":[[],{}]} , 7,null,{\"id\":\"b\"},\"\\u00e9,\",[]\t],\n \"next\": \
    \"/v2/images?marker=b\"}\n";

#[test]
fn a_page_is_the_same_wherever_its_pieces_end() {
    let expected = at_once(PAGE.as_bytes()).unwrap();
    assert_eq!((expected.0.len(), expected.1), (2, 4));
    assert_eq!(expected.0[0].name.as_ref().unwrap().raw(), "é镜像\"]},[{\\");
    for end in 0..=PAGE.len() {
        assert_eq!(in_pieces(PAGE.as_bytes(), &[end]).unwrap(), expected, "{end}");
    }
    assert_eq!(every_byte(PAGE.as_bytes()).unwrap(), expected);
}

#[test]
fn a_page_that_is_cut_anywhere_is_an_error_and_never_a_shorter_list() {
    let page = PAGE.trim_end();
    for end in 0..page.len() {
        let cut = &page.as_bytes()[..end];
        assert_eq!(whole(cut).unwrap_err(), at_once(cut).unwrap_err(), "{end}");
    }
}

#[test]
fn the_way_on_is_read_before_the_list_and_after_it() {
    let before = r#"{"next":"/n","page_info":{"next_marker":"m"},"images":[{"id":"a"}]}"#;
    let after = r#"{"images":[{"id":"a"}],"next":"/n","page_info":{"next_marker":"m"}}"#;
    assert_eq!(every_byte(before.as_bytes()).unwrap(), every_byte(after.as_bytes()).unwrap());
    assert!(whole(after.as_bytes()).unwrap().2.contains("\"/n\""));
}

#[test]
fn a_list_that_is_none_or_there_twice_is_an_error() {
    assert_eq!(malformed("{}"), "there is no list in it");
    assert_eq!(malformed(r#"{"images":null}"#), "there is no list in it");
    assert_eq!(malformed(r#"{"members":[{"member_id":"a"}]}"#), "there is no list in it");
    for other in [
        r#"{"images":{}}"#,
        r#"{"images":"no"}"#,
        r#"{"images":[],"images":[{"id":"a"}]}"#,
        r#"{"images":null,"images":[{"id":"a"}]}"#,
        r#"{"images":[{"id":"a"}],"im\u0061ges":[]}"#,
        r#"{"members":7,"images":[]}"#,
        r#"{"images":[],"page_info":7}"#,
        r#"[[{"id":"a"}],[],"n",{}]"#,
        "7",
    ] {
        assert_eq!(malformed(other), "it has an unexpected structure", "{other}");
    }
}

#[test]
fn a_key_that_is_spelt_with_escapes_is_the_list_s() {
    let (images, ..) = every_byte(br#"{"\u0069mages":[{"id":"a"}]}"#).unwrap();
    assert_eq!(images.len(), 1);
}

#[test]
fn what_is_no_json_is_told_with_its_place_in_the_whole() {
    for (page, place) in [
        ("\u{feff}{", (1, 1)),
        ("<html>", (1, 1)),
        ("{\"images\":[1 2]}", (1, 14)),
        ("{\"images\":[1,\n {\"a\" 1}]}", (2, 7)),
        ("{\"images\":[1,\n 2,]}", (2, 4)),
        ("{\"images\":[,1]}", (1, 12)),
        ("{\"images\":[1}", (1, 13)),
        ("{\"images\":[\n{]},1]}", (2, 2)),
        ("{\"images\":[1,\n2] x}", (2, 4)),
        ("{\"images\":[1,\n2],\n \"a\": x}", (3, 7)),
        ("{\"images\":[]} x", (1, 15)),
        ("{\"a\" \"images\":[{]}", (1, 6)),
    ] {
        let told = malformed(page);
        assert_eq!(told, format!("it is not JSON (line {}, column {})", place.0, place.1));
        assert_eq!(at_once(page.as_bytes()).unwrap_err(), Trouble::Malformed(told), "{page}");
    }
}

#[test]
fn text_that_is_no_unicode_is_no_json() {
    for page in
        [&b"{\"images\":[{\"id\":\"a\xff\"}]}"[..], b"{\"images\":[{\"id\":\"a\",\"x\":\"\xc3\"}]}"]
    {
        assert!(matches!(every_byte(page), Err(Trouble::Malformed(_))));
        assert_eq!(every_byte(page), at_once(page));
    }
}

#[test]
fn a_depth_without_end_within_an_entry_hides_no_other() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let page = format!(r#"{{"images":[{deep},{{"id":"a","name":{deep}}}],"next":{deep}}}"#);
    let (images, unreadable, _) = whole(page.as_bytes()).unwrap();
    assert_eq!((images.len(), unreadable), (1, 1));
}

#[test]
fn an_entry_may_be_as_long_as_its_cap_and_no_longer() {
    for (length, fits) in [(MOST_ENTRY, true), (MOST_ENTRY + 1, false)] {
        let entry = format!(r#"{{"id":"a","x":"{}"}}"#, "x".repeat(length - 17));
        assert_eq!(entry.len(), length);
        let page = format!(r#"{{"images":[{entry}]}}"#);
        for outcome in [whole(page.as_bytes()), in_pieces(page.as_bytes(), &[20, 1 << 19])] {
            match outcome {
                Ok((images, ..)) => assert!(fits && images.len() == 1),
                Err(error) => {
                    assert!(!fits);
                    let told = "more than 1 MiB for one entry";
                    assert_eq!(error, Trouble::TooLong(told.into()));
                }
            }
        }
    }
}

#[test]
fn what_stands_beside_the_list_and_what_is_kept_of_it_have_a_cap() {
    let long = "x".repeat(MOST_REST);
    let beside = Trouble::TooLong("more than 1 MiB beside the list".into());
    for page in
        [format!(r#"{{"a":"{long}","images":[]}}"#), format!(r#"{{"images":[],"a":"{long}"}}"#)]
    {
        assert_eq!(whole(page.as_bytes()).unwrap_err(), beside);
    }
    let entry = format!(r#"{{"id":"a","name":"{}"}},"#, "x".repeat(MOST_ENTRY - 100));
    let mut arriving = ListStream::<Image, Frame>::new();
    assert!(arriving.take(br#"{"images":["#).is_continue());
    let taken = (0..100).take_while(|_| arriving.take(entry.as_bytes()).is_continue()).count();
    assert_eq!(taken, 32);
    let kept = Trouble::TooLong("more than 32 MiB of names on one page".into());
    assert_eq!(arriving.end().err().unwrap(), kept);
}

#[test]
fn the_entry_after_the_last_that_may_be_ends_it_at_once() {
    let mut arriving = ListStream::<Membership, Frame>::new();
    let page = format!(r#"{{"members":[{}"#, "0,".repeat(MOST));
    assert!(arriving.take(page.as_bytes()).is_continue());
    assert!(arriving.take(b"{},").is_break());
    assert!(arriving.take(b"{}]}").is_break());
    assert!(matches!(arriving.end(), Err(Trouble::TooLong(_))));
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".into()),
        any::<i32>().prop_map(|number| number.to_string()),
        Just("-1.5e3".into()),
        Just("\"\\\"\\\\ \\u0041\\ud83d\\ude00\"".into()),
        "[a-z\\[\\]{},:é镜 ]{0,6}".prop_map(|text| format!("\"{text}\"")),
        Just("\"images\"".into()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), blank()).prop_map(
                |(items, blank)| format!("[{blank}{}]", items.join(&format!("{blank},")))
            ),
            prop::collection::vec((key(), blank(), inner), 0..4).prop_map(|fields| object(&fields)),
        ]
    })
}

fn object(fields: &[(String, String, String)]) -> String {
    let fields =
        fields.iter().map(|(key, blank, value)| format!("{key}{blank}:{blank}{value}{blank}"));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn blank() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \n\t\r]{1,3}"]
}

fn key() -> impl Strategy<Value = String> {
    let names = [
        "id",
        "name",
        "images",
        "members",
        "next",
        "page_info",
        "next_marker",
        "owner",
        "im\\u0061ges",
        "x",
    ];
    prop::sample::select(names.to_vec()).prop_map(|name| format!("\"{name}\""))
}

/// Pages as clouds send them, and all else that is an object.
fn page() -> impl Strategy<Value = String> {
    let entry = prop_oneof![
        3 => (json(), json()).prop_map(|(name, tags)| format!(r#"{{"id":"i","name":{name},"t":{tags}}}"#)),
        1 => json(),
    ];
    let list = (prop::collection::vec(entry, 0..5), blank()).prop_map(|(entries, blank)| {
        format!("[{blank}{}{blank}]", entries.join(&format!("{blank},{blank}")))
    });
    let field = prop_oneof![
        2 => (Just("\"images\"".to_owned()), blank(), list),
        3 => (key(), blank(), json()),
    ];
    (prop::collection::vec(field, 0..4), blank(), blank())
        .prop_map(|(fields, before, after)| format!("{before}{}{after}", object(&fields)))
}

/// Something done to a document: bytes taken out at a place, and others put in.
fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, Vec<u8>)>> {
    let bytes = prop::sample::select(b"[]{},:\"\\ \n0e-tx\xc3\xff".to_vec());
    prop::collection::vec(
        (any::<prop::sample::Index>(), 0_usize..3, prop::collection::vec(bytes, 0..3)),
        0..3,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_in_any_pieces_is_what_it_is_as_a_whole(
        page in page(),
        damage in damage(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut page = page.into_bytes();
        for (at, out, put) in damage {
            let at = at.index(page.len() + 1);
            let end = (at + out).min(page.len());
            page.splice(at..end, put);
        }
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(page.len() + 1)).collect();
        ends.sort_unstable();
        let expected = at_once(&page);
        prop_assert_eq!(in_pieces(&page, &ends), expected, "{}", String::from_utf8_lossy(&page));
    }
}
