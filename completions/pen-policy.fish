# pen-policy(1): written by completions/generate from src/pen-policy/opts.def

function __pen_now
    set -l state $HOME/.local/state
    set -q XDG_STATE_HOME; and set state $XDG_STATE_HOME
    switch $argv[1]
        case agents profiles
            command pen --list $argv[1] 2>/dev/null
        case rules
            command pen --list groups 2>/dev/null
        case sessions
            command pen-ctl ls 2>/dev/null | command sed '1d; s/ .*//'
        case logs
            command pen-log --list 2>/dev/null | command sed '1d; s/ .*//'
    end
    switch $argv[1]
        case rules refused
            command find $state/pen/log -name '*.jsonl' -mtime -2 -exec sed -nE 's|.*"allow":"([A-Za-z0-9.*:/_-]+)".*|\1|p' '{}' + 2>/dev/null | command sort -u
    end
end

complete -c pen-policy -f
complete -c pen-policy -n __fish_use_subcommand -x -a ''
complete -c pen-policy -n 'not __fish_use_subcommand' -x
complete -c pen-policy -l list -d 'print the policy'
complete -c pen-policy -l export -d 'write the filter to FD as BPF' -x
complete -c pen-policy -l collect -d 'answer pen-filter --notify at the socket FD, and print what was refused' -x
complete -c pen-policy -l debug -d 'with pen-filter --debug'
complete -c pen-policy -l nested -d 'with pen-filter --nested'
complete -c pen-policy -l perf -d 'with pen-filter --perf'
complete -c pen-policy -l arch -d 'list or export for x86_64 or aarch64' -x -a 'x86_64 aarch64'
complete -c pen-policy -l help -d 'print a summary of the options and end'
complete -c pen-policy -l version -d 'print the version and end'
