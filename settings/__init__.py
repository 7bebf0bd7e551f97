"""What a human writes: the shape of `Pulumi.<env>.yaml`, closed, frozen and without Pulumi."""
