//! The comparison can fail: each mutation of a small contract is found, at the right path, and nothing else is.

use super::{Difference, ModelError, Schema, Wsdl, compare_schemas, compare_wsdls};

const XSD: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"
    xmlns:m="http://www.w3.org/2005/05/xmlmime" elementFormDefault="qualified">
  <xs:element name="Send" type="t:tInput"/>
  <xs:simpleType name="tId"><xs:restriction base="xs:string"><xs:maxLength value="20"/></xs:restriction></xs:simpleType>
  <xs:group name="gHead"><xs:sequence>
    <xs:element name="from" type="t:tId"/>
    <xs:element name="to" type="t:tId" nillable="true"/>
  </xs:sequence></xs:group>
  <xs:attributeGroup name="agMark"><xs:attribute name="mark" type="xs:string"/></xs:attributeGroup>
  <xs:complexType name="tHash"><xs:simpleContent><xs:extension base="xs:base64Binary">
    <xs:attribute name="algorithm" type="xs:string" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="tInput"><xs:sequence>
    <xs:group ref="t:gHead"/>
    <xs:element name="kind" minOccurs="0"><xs:simpleType><xs:restriction base="xs:string">
      <xs:enumeration value="A"/><xs:enumeration value="B"/>
    </xs:restriction></xs:simpleType></xs:element>
    <xs:choice>
      <xs:element name="day" type="xs:date"/>
      <xs:sequence><xs:element name="year" type="xs:int"/><xs:element name="month" type="xs:int"/></xs:sequence>
    </xs:choice>
    <xs:element name="data" type="xs:base64Binary" m:expectedContentTypes="application/octet-stream"/>
    <xs:element name="hash" type="t:tHash" maxOccurs="unbounded"/>
  </xs:sequence><xs:attributeGroup ref="t:agMark"/></xs:complexType>
</xs:schema>"#;

const WSDL: &str = r#"<definitions name="D" targetNamespace="urn:t" xmlns="http://schemas.xmlsoap.org/wsdl/"
    xmlns:t="urn:t" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <types><xs:schema targetNamespace="urn:t"><xs:include schemaLocation="t.xsd"/></xs:schema></types>
  <message name="In"><part name="parameter" element="t:Send"/></message>
  <message name="Out"><part name="parameter" element="t:SendResponse"/></message>
  <portType name="P"><operation name="Send"><input message="t:In"/><output message="t:Out"/></operation></portType>
  <binding name="B" type="t:P"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Send"><soap:operation soapAction=""/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="S"><port name="Q" binding="t:B"><soap:address location="http://host/a"/></port></service>
</definitions>"#;

/// Replaces the one place where `from` stands. A mutation that changes nothing would prove nothing.
fn mutated(text: &str, from: &str, to: &str) -> String {
    assert_eq!(
        text.matches(from).count(),
        1,
        "{from:?} must stand exactly once in the text to be mutated"
    );
    text.replace(from, to)
}

fn schema_differences(ours: &str) -> Vec<Difference> {
    compare_schemas("t.xsd", &Schema::parse(XSD).unwrap(), &Schema::parse(ours).unwrap())
}

fn wsdl_differences(ours: &str) -> Vec<Difference> {
    compare_wsdls("t.wsdl", &Wsdl::parse(WSDL).unwrap(), &Wsdl::parse(ours).unwrap())
}

fn paths(differences: &[Difference]) -> Vec<&str> {
    differences.iter().map(|difference| difference.path.as_str()).collect()
}

#[track_caller]
fn schema_mutation(from: &str, to: &str, expected: &[&str]) {
    let found = schema_differences(&mutated(XSD, from, to));
    assert_eq!(paths(&found), expected, "{found:#?}");
}

#[track_caller]
fn wsdl_mutation(from: &str, to: &str, expected: &[&str]) {
    let found = wsdl_differences(&mutated(WSDL, from, to));
    assert_eq!(paths(&found), expected, "{found:#?}");
}

#[test]
fn finds_a_changed_order() {
    schema_mutation(
        r#"<xs:element name="year" type="xs:int"/><xs:element name="month" type="xs:int"/>"#,
        r#"<xs:element name="month" type="xs:int"/><xs:element name="year" type="xs:int"/>"#,
        &["t.xsd/type:tInput/choice/sequence/@order"],
    );
}

#[test]
fn finds_a_missing_element_once_and_where_it_stood() {
    schema_mutation(
        r#"<xs:element name="month" type="xs:int"/>"#,
        "",
        &["t.xsd/type:tInput/choice/sequence/month"],
    );
}

#[test]
fn finds_an_added_element_with_its_place() {
    let element = r#"<xs:element name="hash" type="t:tHash" maxOccurs="unbounded"/>"#;
    let found = schema_differences(&mutated(
        XSD,
        element,
        &format!(r#"{element}<xs:element name="more" type="t:tId"/>"#),
    ));
    assert_eq!(paths(&found), ["t.xsd/type:tInput/more"]);
    assert_eq!(
        (found[0].reference.as_str(), found[0].ours.as_str()),
        ("nothing", "it after hash")
    );
}

#[test]
fn finds_a_change_inside_a_group_in_the_group_and_where_it_is_used() {
    schema_mutation(
        r#" nillable="true""#,
        "",
        &["t.xsd/group:gHead/to/@nillable", "t.xsd/type:tInput/to/@nillable"],
    );
}

#[test]
fn finds_a_changed_facet() {
    schema_mutation(r#"value="20""#, r#"value="21""#, &["t.xsd/type:tId/@maxLength"]);
}

#[test]
fn finds_a_dropped_facet() {
    schema_mutation(r#"<xs:maxLength value="20"/>"#, "", &["t.xsd/type:tId/@maxLength"]);
}

#[test]
fn finds_a_removed_enumeration() {
    schema_mutation(
        r#"<xs:enumeration value="B"/>"#,
        "",
        &["t.xsd/type:tInput/kind/@enumeration"],
    );
}

#[test]
fn finds_a_changed_type() {
    schema_mutation(
        r#"type="xs:date""#,
        r#"type="xs:dateTime""#,
        &["t.xsd/type:tInput/choice/day/@type"],
    );
}

#[test]
fn finds_a_changed_base() {
    schema_mutation(
        r#"base="xs:base64Binary""#,
        r#"base="xs:string""#,
        &["t.xsd/type:tHash/@derivation"],
    );
}

#[test]
fn finds_a_changed_occurrence() {
    schema_mutation(r#" minOccurs="0""#, "", &["t.xsd/type:tInput/kind/@minOccurs"]);
    schema_mutation(r#" maxOccurs="unbounded""#, "", &["t.xsd/type:tInput/hash/@maxOccurs"]);
}

#[test]
fn finds_a_repeated_sequence_where_the_element_was_repeated() {
    let found = schema_differences(&mutated(
        XSD,
        r#"<xs:element name="hash" type="t:tHash" maxOccurs="unbounded"/>"#,
        r#"<xs:sequence maxOccurs="unbounded"><xs:element name="hash" type="t:tHash"/></xs:sequence>"#,
    ));
    assert_eq!(paths(&found), ["t.xsd/type:tInput/hash", "t.xsd/type:tInput/sequence"]);
}

#[test]
fn finds_a_changed_attribute() {
    schema_mutation(r#" use="required""#, "", &["t.xsd/type:tHash/attribute:algorithm/@use"]);
    schema_mutation(
        r#"<xs:attribute name="mark" type="xs:string"/>"#,
        r#"<xs:attribute name="mark" type="xs:int"/>"#,
        &[
            "t.xsd/attributeGroup:agMark/attribute:mark/@type",
            "t.xsd/type:tInput/attribute:mark/@type",
        ],
    );
}

#[test]
fn finds_a_lost_content_type() {
    schema_mutation(
        r#" m:expectedContentTypes="application/octet-stream""#,
        "",
        &["t.xsd/type:tInput/data/@{http://www.w3.org/2005/05/xmlmime}expectedContentTypes"],
    );
}

#[test]
fn finds_a_changed_form_in_every_local_element() {
    let found = schema_differences(&mutated(XSD, r#" elementFormDefault="qualified""#, ""));
    let expected: Vec<String> = ["group:gHead/from", "group:gHead/to"]
        .into_iter()
        .map(str::to_owned)
        .chain(
            [
                "from",
                "to",
                "kind",
                "choice/day",
                "choice/sequence/year",
                "choice/sequence/month",
                "data",
                "hash",
            ]
            .map(|name| format!("type:tInput/{name}")),
        )
        .map(|at| format!("t.xsd/{at}/@name"))
        .collect();
    assert_eq!(paths(&found), expected);
}

#[test]
fn finds_missing_and_added_components() {
    schema_mutation(
        r#"<xs:element name="Send" type="t:tInput"/>"#,
        "",
        &["t.xsd/element:Send"],
    );
    schema_mutation(
        r#"<xs:element name="Send" type="t:tInput"/>"#,
        r#"<xs:element name="Send" type="t:tInput"/><xs:complexType name="tUnused"/>"#,
        &["t.xsd/type:tUnused"],
    );
}

#[test]
fn finds_an_inline_type_in_the_place_of_a_named_one() {
    schema_mutation(
        r#"<xs:element name="from" type="t:tId"/>"#,
        r#"<xs:element name="from"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="20"/>
           </xs:restriction></xs:simpleType></xs:element>"#,
        &["t.xsd/group:gHead/from/@type", "t.xsd/type:tInput/from/@type"],
    );
}

#[test]
fn a_named_type_may_stand_for_an_inline_one_of_the_same_structure() {
    let named = |value: &str| {
        let inline = XSD
            .find("<xs:simpleType><xs:restriction base=\"xs:string\">\n")
            .unwrap();
        let end = XSD[inline..].find("</xs:element>").unwrap() + inline;
        let text = mutated(XSD, &XSD[inline..end], "");
        let text = mutated(
            &text,
            r#"<xs:element name="kind""#,
            r#"<xs:element type="t:tKind" name="kind""#,
        );
        let helper = format!(
            r#"<xs:simpleType name="tKind"><xs:restriction base="xs:string"><xs:enumeration value="B"/>
               <xs:enumeration value="{value}"/></xs:restriction></xs:simpleType></xs:schema>"#
        );
        schema_differences(&mutated(&text, "</xs:schema>", &helper))
    };
    assert_eq!(paths(&named("A")), Vec::<&str>::new());
    assert_eq!(paths(&named("C")), ["t.xsd/type:tInput/kind/@enumeration"]);
}

#[test]
fn layout_prefixes_defaults_and_groups_make_no_difference() {
    let text = XSD.replace("t:", "own:").replace("xmlns:t=", "xmlns:own=");
    let text = mutated(
        &text,
        r#"<xs:group ref="own:gHead"/>"#,
        r#"<xs:sequence><xs:sequence minOccurs="1"><!-- head -->
        <xs:element name="from" type="own:tId" nillable="false"/>
        <xs:element name="to" type="own:tId" nillable="1"/></xs:sequence></xs:sequence>"#,
    );
    let text = mutated(
        &text,
        r#"<xs:enumeration value="A"/><xs:enumeration value="B"/>"#,
        r#"<xs:annotation><xs:documentation>text</xs:documentation></xs:annotation>
           <xs:enumeration value="B"/><xs:enumeration value="A"/>"#,
    );
    assert_eq!(schema_differences(&text), []);
}

#[test]
fn finds_changes_of_a_wsdl() {
    wsdl_mutation(
        r#"soapAction="""#,
        r#"soapAction="urn:Send""#,
        &["t.wsdl/binding:B/operation:Send/@soapAction"],
    );
    wsdl_mutation(
        r#" soapAction="""#,
        "",
        &["t.wsdl/binding:B/operation:Send/@soapAction"],
    );
    wsdl_mutation(
        r#"name="parameter" element="t:Send"/>"#,
        r#"name="parameters" element="t:Send"/>"#,
        &["t.wsdl/message:In/@parts"],
    );
    wsdl_mutation(
        r#"element="t:SendResponse""#,
        r#"element="t:SendAnswer""#,
        &["t.wsdl/message:Out/part:parameter/@element"],
    );
    wsdl_mutation(
        r#"<input message="t:In"/>"#,
        "",
        &["t.wsdl/portType:P/operation:Send/input"],
    );
    wsdl_mutation(
        r#"<output message="t:Out"/>"#,
        r#"<output message="t:In"/>"#,
        &["t.wsdl/portType:P/operation:Send/output/@message"],
    );
    wsdl_mutation(
        r#"style="document""#,
        r#"style="rpc""#,
        &["t.wsdl/binding:B/@style", "t.wsdl/binding:B/operation:Send/@style"],
    );
    wsdl_mutation(
        r#"<input><soap:body use="literal"/>"#,
        r#"<input><soap:body use="encoded"/>"#,
        &["t.wsdl/binding:B/operation:Send/input/@use"],
    );
    wsdl_mutation(
        "/wsdl/soap/\"",
        "/wsdl/soap12/\"",
        &["t.wsdl/binding:B/@protocol", "t.wsdl/service:S/port:Q/@protocol"],
    );
    wsdl_mutation(
        r#"port name="Q""#,
        r#"port name="R""#,
        &["t.wsdl/service:S/port:Q", "t.wsdl/service:S/port:R"],
    );
    wsdl_mutation("t.xsd", "u.xsd", &["t.wsdl/types/schema:urn:t/@include"]);
    wsdl_mutation(
        r#"<xs:schema targetNamespace="urn:t">"#,
        r#"<xs:schema targetNamespace="urn:t" elementFormDefault="qualified">"#,
        &["t.wsdl/types/schema:urn:t/@elementFormDefault"],
    );
    wsdl_mutation("http://host/a", "https://other/b", &[]);
}

#[test]
fn refuses_what_the_model_has_no_place_for() {
    let refused = |from: &str, to: &str| match Schema::parse(&mutated(XSD, from, to)) {
        Err(ModelError::Unsupported { what, .. }) => what,
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(
        refused(r#"type="xs:date""#, r#"type="xs:date" block="extension""#),
        "attribute block"
    );
    assert_eq!(
        refused(r#"<xs:maxLength value="20"/>"#, "<xs:assertion/>"),
        "child assertion"
    );
    assert_eq!(
        refused(r#"<xs:element name="Send" type="t:tInput"/>"#, "<xs:notation/>"),
        "child notation"
    );
}

#[test]
fn refuses_references_that_lead_nowhere() {
    for (from, to) in [
        (r#"<xs:group ref="t:gHead"/>"#, r#"<xs:group ref="t:gTail"/>"#),
        (r#"type="t:tHash""#, r#"type="t:tDigest""#),
        (
            r#"<xs:attributeGroup ref="t:agMark"/>"#,
            r#"<xs:attributeGroup ref="t:agSign"/>"#,
        ),
    ] {
        let result = Schema::parse(&mutated(XSD, from, to));
        assert!(matches!(result, Err(ModelError::Unresolved { .. })), "{to}: {result:?}");
    }
}
