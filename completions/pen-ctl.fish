# pen-ctl(1): written by completions/generate from src/pen-ctl/opts.def

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

complete -c pen-ctl -f
complete -c pen-ctl -n __fish_use_subcommand -x -a 'ls status denied rules events ask stop drafts allow deny undo ports publish unpublish reach unreach budget'
complete -c pen-ctl -n 'not __fish_use_subcommand' -x -a '(__pen_now refused)'
complete -c pen-ctl -l pen -d 'speak to this session (default: the one of this directory, or the only one)' -x -a '(__pen_now sessions)'
complete -c pen-ctl -l for -d 'allow or deny for so long: 30s, 10m, 2h' -x
complete -c pen-ctl -l session -d 'allow or deny until the session ends (the default)'
complete -c pen-ctl -l always -d 'allow or deny for good, in this project: edit pen.conf'
complete -c pen-ctl -l everywhere -d 'allow or deny for good, in every project: edit pen.conf'
complete -c pen-ctl -l json -d 'print JSON, an object a line'
complete -c pen-ctl -l desk -d 'console: where pen-shell lends the terminal (pen-shell starts it)' -x
complete -c pen-ctl -l about -d 'console: what the pen is, from pen-shell' -x
complete -c pen-ctl -l help -d 'print a summary of the options and end'
complete -c pen-ctl -l version -d 'print the version and end'
