"""Entry of the plugin `pulumi-resource-aws`."""

from rehearsal.providers.aws.servicer import AwsProvider
from rehearsal.providers.plugin import serve

if __name__ == "__main__":
    serve(AwsProvider)
