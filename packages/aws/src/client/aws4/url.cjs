// aws4 takes `url` for requests that are given as text: here they never are.
