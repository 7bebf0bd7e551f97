"""Who may do what in the golden files, who gets in from where, and what is kept.

Sources: AWS IAM User Guide, best practices; Amazon EKS User Guide, pod-id-role.
"""

from tests.golden_files import CLUSTER, Resources, of_type, statements

READ_ONLY = ("Describe", "Get", "List")


def test_logs_are_not_kept_for_ever(golden: Resources):
    for name, group in of_type(golden, "aws:cloudwatch/logGroup:LogGroup").items():
        assert group["retentionInDays"] > 0, name


def test_nothing_is_let_in_from_the_internet(golden: Resources):
    rules = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    vpc = golden["network-vpc"]["inputs"]["cidrBlock"]
    doors = of_type(golden, rules).values()
    assert {door["cidrIpv4"] for door in doors if "cidrIpv4" in door} == {vpc}
    # What comes from no address comes from the security group itself, between EFA interfaces.
    others = [door for door in doors if "cidrIpv4" not in door]
    assert all(door["referencedSecurityGroupId"] == door["securityGroupId"] for door in others)
    for name, subnet in of_type(golden, "aws:ec2/subnet:Subnet").items():
        assert subnet["mapPublicIpOnLaunch"] is False, name


def test_a_role_is_taken_by_one_service_and_by_pods_with_tagged_sessions(golden: Resources):
    for name, statement in statements(golden, "aws:iam/role:Role", "assumeRolePolicy"):
        service = statement["Principal"]["Service"]
        assert isinstance(service, str), name
        tagged = "sts:TagSession" in statement["Action"]
        assert tagged is (service == "pods.eks.amazonaws.com"), name


def test_a_role_changes_nothing_that_its_policy_does_not_name(golden: Resources):
    for name, statement in statements(golden, "aws:iam/rolePolicy:RolePolicy", "policy"):
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        actions = listed(statement["Action"])
        assert not any("*" in action for action in actions), name
        if "*" in listed(statement["Resource"]):
            for action in actions:
                assert action.partition(":")[2].startswith(READ_ONLY), (name, action)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_nothing_travels_in_clear_to_the_bucket_and_the_queue(golden: Resources):
    for type_ in ("aws:s3/bucketPolicy:BucketPolicy", "aws:sqs/queuePolicy:QueuePolicy"):
        denials = [
            found for _, found in statements(golden, type_, "policy") if "Bool" in str(found)
        ]
        (denied,) = denials
        assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
        assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_account_that_gets_a_role_is_the_one_of_a_pod(golden: Resources):
    accounts = {
        (each["inputs"]["metadata"]["namespace"], each["inputs"]["metadata"]["name"])
        for each in golden.values()
        if each["type"] == "kubernetes:core/v1:ServiceAccount"
    }
    by_charts = {("kube-system", "karpenter"), ("kube-system", "cluster-autoscaler")}
    associations = of_type(golden, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    for name, each in associations.items():
        assert (each["namespace"], each["serviceAccount"]) in accounts | by_charts, name


def test_data_and_what_carries_it_are_protected_in_prod_and_nothing_is_in_dev(golden: Resources):
    stack = golden["aws"]["inputs"]["defaultTags"]
    protected = {name for name, each in golden.items() if each["protect"]}
    if '"dev"' in stack:
        assert not protected
        return
    assert golden[CLUSTER]["inputs"]["deletionProtection"] is True
    assert {"model-store-bucket", CLUSTER, "network-vpc"} <= protected
    assert golden["model-store-bucket"]["inputs"]["forceDestroy"] is False
