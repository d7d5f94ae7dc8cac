#!/bin/sh
# The pictures of docs/graphs.md, by the commands that it names: `make graphs`.
set -e
out=docs/graphs
ltpath graph early_ltp -o $out/early_ltp.png --force
ltpath graph neuron -o $out/neuron.png --force
ltpath graph early_ltp --from calcium --to ampa_receptor -o $out/calcium_to_ampa_receptor.png --force
ltpath graph early_ltp --view contact -o $out/contact.png --force
