#!/usr/bin/env node
// There before the first build, so that npm links the command in a clone of the repository too.
import './dist/bin.mjs'
