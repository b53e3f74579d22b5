"""The library over HTTP, for systems that aren't Python: `app` over `operations`, described by `shapes`, held in bounds by `guards`."""
