# pen-monitor(1): written by completions/generate from src/pen-monitor/opts.def

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

complete -c pen-monitor -f
complete -c pen-monitor -n __fish_use_subcommand -x -a ''
complete -c pen-monitor -n 'not __fish_use_subcommand' -x
complete -c pen-monitor -l child -d 'the first process of the jail, a child of this one' -x
complete -c pen-monitor -l sock -d 'the socket to it' -x
complete -c pen-monitor -l mask -d 'the caller\'s signal mask, a hexadecimal number' -x
complete -c pen-monitor -l name -d 'the tool in whose name messages are, and the status of its failure' -x
complete -c pen-monitor -l direct -d 'that process is prog itself'
complete -c pen-monitor -l stays -d 'what prog leaves behind goes on'
complete -c pen-monitor -l plain -d 'look after no terminal, and do not die as prog did'
complete -c pen-monitor -l leads -d 'prog has the terminal, of this size, to itself' -x
complete -c pen-monitor -l namespaces -d 'the new ones, a number' -x
complete -c pen-monitor -l info-fd -d 'write the first process and the namespaces to FD' -x
complete -c pen-monitor -l json-status-fd -d 'the same, and how prog ended' -x
complete -c pen-monitor -l at-end -d 'then run PROG with FD and the drafts, which come through the socket LAYER' -x
complete -c pen-monitor -l watch -d 'meanwhile run PROG with FD and the socket SOCK to the jail' -x
complete -c pen-monitor -l level-prefix -d 'begin each message with its severity'
complete -c pen-monitor -l help -d 'print a summary of the options and end'
complete -c pen-monitor -l version -d 'print the version and end'
