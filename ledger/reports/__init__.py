"""One module per report of Amazon's; REPORT_FORMATS lists them."""
