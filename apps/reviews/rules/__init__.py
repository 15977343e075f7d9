"""Pure decisions about reviews: values in, values or a named exception out."""
