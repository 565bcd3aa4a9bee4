# pen-report(1): written by completions/generate from src/pen-report/opts.def

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

complete -c pen-report -f
complete -c pen-report -n __fish_use_subcommand -x -a ''
complete -c pen-report -n 'not __fish_use_subcommand' -x
complete -c pen-report -l manifest -d 'read what pen says of the run from this descriptor' -x
complete -c pen-report -l layer -d 'the directory of the run\'s own versions of drafts' -x
complete -c pen-report -l events -d 'read what was seen during the run from this descriptor' -x
complete -c pen-report -l status -d 'the exit status of the run, which stays what it is' -x
complete -c pen-report -l killed -d 'account for a run that was killed, of the project whose state is in DIR' -x -a '(__fish_complete_directories)'
complete -c pen-report -l help -d 'print a summary of the options and end'
complete -c pen-report -l version -d 'print the version and end'
