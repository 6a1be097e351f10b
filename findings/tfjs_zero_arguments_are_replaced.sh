#!/usr/bin/env bash
# TensorFlow.js 4.22.0, Node 20. Arguments of its initializers that are 0 are replaced by the defaults (`args.minval ||
# -0.05`), and a `varianceScaling` whose distribution is `truncatedNormal` draws from a uniform one:
#
#   randomUniform({minval: 0, maxval: 1})                    lowest value -0.05
#   randomNormal({mean: 0, stddev: 0})                       deviation 0.05
#   varianceScaling({..., distribution: 'truncatedNormal'})  no value beyond sqrt(3 * scale / fan)
#
# Exits 1 when one of these is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --ignore-scripts --no-audit --no-fund --silent @tensorflow/tfjs@4.22.0 > /dev/null
cat > draw.js <<'JS'
const tf = require('@tensorflow/tfjs');
const draw = (start) => Array.from(start.apply([300, 400]).dataSync());
const low = Math.min(...draw(tf.initializers.randomUniform({minval: 0, maxval: 1})));
const spread = Math.sqrt(draw(tf.initializers.randomNormal({mean: 0, stddev: 0})).reduce((s, x) => s + x * x, 0) / 120000);
const cut = Math.max(...draw(tf.initializers.varianceScaling({scale: 1, mode: 'fanIn', distribution: 'truncatedNormal'})));
console.log(`lowest ${low.toFixed(4)}, deviation ${spread.toFixed(4)}, highest ${cut.toFixed(4)}`);
const same = low < -0.04 && Math.abs(spread - 0.05) < 0.002 && Math.abs(cut - Math.sqrt(3 / 300)) < 0.001;
process.exit(same ? 0 : 1);
JS
node draw.js 2> /dev/null | grep lowest
