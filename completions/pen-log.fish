# pen-log(1): written by completions/generate from src/pen-log/opts.def

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

complete -c pen-log -f
complete -c pen-log -x -a '(__pen_now logs)'
complete -c pen-log -l denied -d 'what was refused, how often, and the lines that would allow it'
complete -c pen-log -l audited -d 'what an audit let through, as text for pen.conf'
complete -c pen-log -l follow -d 'go on with what is written from now on'
complete -c pen-log -l json -d 'print the lines as they are'
complete -c pen-log -l since -d 'of every session, from then on: 10m, 2h, 3d, 2026-01-31, 2026-01-31T12:00' -x
complete -c pen-log -l list -d 'list the sessions that have a log'
complete -c pen-log -l help -d 'print a summary of the options and end'
complete -c pen-log -l version -d 'print the version and end'
