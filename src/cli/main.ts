process.stderr.write('call-lab: no command is available yet.\n');
process.exitCode = 2;
