//! Requests and proxies: who hears what, and whose fault an error is.

use super::super::proxy::Proxies;
use super::*;

/// A client in an environment with these variables.
fn client_with(set: &[(&str, &str)]) -> Client {
    let proxies = Proxies::from(|name: &str| {
        set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    let settings = Transport { connect: Duration::from_secs(2), ..Transport::default() };
    Client::with_proxies(settings, proxies).unwrap()
}

fn login(url: &str) -> Request {
    let mut request = request(Method::POST, url);
    *request.body_mut() = Some(r#"{"password":"s3cret-password"}"#.into());
    request
}

fn unused_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_login_past_the_proxy_never_reaches_it() {
    let recorder = Server::start(|_| json(200, "{}")).await;
    let through = client_with(&[("http_proxy", &recorder.url)]);
    through.log_in(login("http://keystone.lab.invalid:5000/v3")).await.unwrap();
    assert_eq!(recorder.requests(), ["POST http://keystone.lab.invalid:5000/v3"]);

    for (url, list) in [
        ("http://keystone.lab.invalid:5000/v3", "keystone.lab.invalid:5000"),
        ("http://keystone.lab.invalid:5000/v3", ".lab.invalid:5000"),
        ("http://keystone.lab.invalid:5000/v3", "lab.invalid."),
        ("http://keystone.lab.invalid.:5000/v3", "lab.invalid"),
        ("http://[fd00::1]:5000/v3", "[fd00::1]"),
        ("http://192.0.2.1:5000/v3", "192.0.0.0/255.255.0.0"),
    ] {
        let set = [("http_proxy", &*recorder.url), ("no_proxy", list)];
        let past = client_with(&set);
        // Not every machine refuses these addresses at once; where the request goes is decided before.
        let _ = tokio::time::timeout(Duration::from_millis(200), past.log_in(login(url))).await;
        assert_eq!(recorder.heard().len(), 1, "{list}");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_be_reached_is_named_and_not_the_cloud() {
    let port = unused_port();
    let refuses = format!("http://me:s3cret@127.0.0.1:{port}");
    for (proxy, label) in [
        (&*refuses, format!("127.0.0.1:{port}")),
        ("http://me:s3cret@proxy.invalid:8", "proxy.invalid:8".into()),
    ] {
        let client = client_with(&[("all_proxy", proxy)]);
        for url in ["http://keystone.lab.example:5000/v3", "https://keystone.lab.example:5000/v3"] {
            let error = get(&client, url).await.unwrap_err();
            let said = format!("{error} {:?}", error.hint());
            assert!(matches!(error, HttpError::Unreachable(_)), "{error:?}");
            assert!(said.contains(&format!("cannot connect to the proxy {label}")), "{said}");
            assert!(!said.contains("s3cret") && !said.contains("keystone"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_a_tunnel_is_named() {
    for status in [403, 407, 502] {
        let proxy = Server::start(move |_| answer(status, &[], "<html>no</html>")).await;
        let label = proxy.url.strip_prefix("http://").unwrap().to_owned();
        let with_user = proxy.url.replace("http://", "http://me:s3cret@");
        let client = client_with(&[("https_proxy", &with_user)]);

        let error = get(&client, "https://keystone.lab.example:5000/v3").await.unwrap_err();

        let said = format!("{error} {:?}", error.hint());
        assert!(matches!(error, HttpError::Unreachable(_)), "{error:?}");
        assert!(said.contains(&format!("the proxy {label} refused")), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
        assert_eq!(proxy.requests(), ["CONNECT keystone.lab.example:5000"]);
    }
}

#[tokio::test]
async fn an_answer_of_a_plain_proxy_is_its_own_and_json_is_the_service_s() {
    let url = "http://keystone.lab.example:5000/v3";
    for status in [403, 407, 502] {
        let proxy = Server::start(move |_| answer(status, &[], "<html>no</html>")).await;
        let label = proxy.url.strip_prefix("http://").unwrap().to_owned();
        let client = client_with(&[("http_proxy", &proxy.url)]);
        let error = match get(&client, url).await {
            Ok(answer) => answer.front_error().unwrap(),
            Err(error) => error,
        };
        let said = error.to_string();
        assert!(said.contains(&format!("the proxy {label} ")), "{said}");
        assert!(said.contains(&status.to_string()), "{said}");
    }
    let service = Server::start(|_| json(403, "{}")).await;
    let client = client_with(&[("http_proxy", &service.url)]);
    assert_eq!(get(&client, url).await.unwrap().front_error(), None);
    let direct = get(&client_with(&[]), &service.url).await.unwrap();
    assert_eq!(direct.front_error(), None);
}

#[tokio::test]
async fn a_web_server_that_wants_tls_or_a_client_certificate_is_understood() {
    for (page, hint) in [
        ("<center>The plain HTTP request was sent to HTTPS port</center>", "https://"),
        ("Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />", "https://"),
        ("<center>No required SSL certificate was sent</center>", "`cert` and `key`"),
    ] {
        let server = Server::start(move |_| answer(400, &[], page)).await;
        let error = get(&client_with(&[]), &server.url).await.unwrap().front_error().unwrap();
        assert!(error.hint().unwrap().contains(hint), "{error:?}");
    }
    let server = Server::start(|_| Reply::Cut(vec![0x15, 3, 3, 0, 2, 2, 40])).await;
    let error = get(&client_with(&[]), &server.url).await.unwrap_err();
    assert!(matches!(error, HttpError::Lost(_)), "{error:?}");
    assert!(error.to_string().contains("does not speak HTTP"), "{error}");
    assert!(error.hint().unwrap().contains("https://"), "{error:?}");
}
