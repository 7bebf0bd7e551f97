"""IAM documents."""

import pytest

from components.iam import Arn, flow_log_policy, flow_log_trust, trust


def test_an_arn_comes_apart_and_its_resource_may_hold_colons():
    found = Arn.parse("arn:aws:logs:us-west-2:111122223333:log-group:/aws/eks:*")
    assert (found.partition, found.service, found.region, found.account, found.resource) == (
        "aws",
        "logs",
        "us-west-2",
        "111122223333",
        "log-group:/aws/eks:*",
    )


@pytest.mark.parametrize("wrong", ["", "arn:aws:eks", "urn:aws:eks:r:a:x", "llm-dev"])
def test_what_is_no_arn_is_refused_as_it_stands(wrong: str):
    with pytest.raises(ValueError, match=f"not an ARN: {wrong!r}"):
        Arn.parse(wrong)


def test_a_service_alone_may_take_its_role():
    (statement,) = trust("eks.amazonaws.com")["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "eks.amazonaws.com"},
        "Action": ["sts:AssumeRole"],
    }


def test_flow_logs_of_another_account_cannot_take_the_role():
    (statement,) = flow_log_trust("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1")["Statement"]
    assert statement["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*"},
    }


def test_flow_logs_make_no_group_of_their_own():
    write, find = flow_log_policy("arn:aws:logs:r:a:log-group:flow")["Statement"]
    assert "logs:CreateLogGroup" not in {*write["Action"], find["Action"]}
    assert set(write["Resource"]) == {
        "arn:aws:logs:r:a:log-group:flow",
        "arn:aws:logs:r:a:log-group:flow:*",
    }
    assert find["Resource"] == "arn:aws:logs:r:a:log-group:*"
