"""Data sources: only those that have one honest answer without a cloud."""

from rehearsal.providers.aws.outputs import ACCOUNT, PARTITION, Account
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties


def answer(token: str, arguments: Properties, account: Account) -> Properties:
    """Return what the data source `token` says.

    Raises:
        ProviderError: the answer would have to come from AWS.
    """
    match token:
        case "aws:index/getPartition:getPartition":
            return {
                "dnsSuffix": "amazonaws.com",
                "id": PARTITION,
                "partition": PARTITION,
                "reverseDnsPrefix": "com.amazonaws",
            }
        case "aws:index/getRegion:getRegion":
            region = arguments.get("region") or account.region
            endpoint = f"ec2.{region}.amazonaws.com"
            return {"endpoint": endpoint, "id": region, "name": region, "region": region}
        case "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:{PARTITION}:iam::{ACCOUNT}:user/rehearsal"
            return {"accountId": ACCOUNT, "arn": arn, "id": ACCOUNT, "userId": "AIDAREHEARSAL"}
        case _:
            raise ProviderError(
                f"{token}: the program must not ask the cloud while planning; a preview has to "
                "work with no account. Put the answer into the settings or the catalog"
            )
