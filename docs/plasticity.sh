# The pictures of docs/plasticity.md, from the rules as they are: runs of before are thrown away.
set -e
rm -rf out/plasticity
mkdir -p out/plasticity docs/plasticity

ltpath map early_ltp --protocol frequency_response --x frequency=0.5Hz:100Hz:12:log -o out/plasticity/frequency.png
ltpath map early_ltp --protocol tetanus --x pulses=1:1000:10:log -o out/plasticity/pulses.png
ltpath map early_ltp --protocol theta_burst --x bursts=1:20:8:log -o out/plasticity/theta_bursts.png
ltpath map early_ltp --protocol pairing --x spike_delay=-60ms:60ms:13 -o out/plasticity/spike_timing.png
ltpath map early_ltp --protocol held_pairing --x hold=-80mV:0mV:9 -o out/plasticity/held_voltage.png
ltpath map early_ltp --protocol tetanus --x nmda_gating_magnesium=0.1:4:8:log -o out/plasticity/magnesium.png
ltpath map early_ltp --protocol tetanus --x calcium_entry_external=0.25:4:9:log -o out/plasticity/calcium.png
ltpath map early_ltp --protocol frequency_response --perturb room_temperature --x frequency=0.5Hz:100Hz:12:log -o out/plasticity/room_temperature.png
ltpath map ampa_traffic --x amplitude=0.1uM:20uM:40:log --y duration=10ms:1000s:40:log -o out/plasticity/steps.png

cp out/plasticity/*.png docs/plasticity/
