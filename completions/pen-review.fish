# pen-review(1): written by completions/generate from src/pen-review/opts.def

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

complete -c pen-review -f
complete -c pen-review -n __fish_use_subcommand -x -a ''
complete -c pen-review -n 'not __fish_use_subcommand' -x
complete -c pen-review -l project -d 'the project (default: the one around the current directory)' -x -a '(__fish_complete_directories)'
complete -c pen-review -l list -d 'list what is held back, and what else the last run changed'
complete -c pen-review -l json -d 'with --list: as JSON'
complete -c pen-review -l show -d 'show what is held back, as diffs'
complete -c pen-review -l keep -d 'let the host have what is held back, or the PATHs that follow'
complete -c pen-review -l drop -d 'drop what is held back, or the PATHs that follow'
complete -c pen-review -l apply -d 'let the host have what an overlay holds, or the PATHs that follow'
complete -c pen-review -l overlay -d 'of this overlay of the project (default: the only one)'
complete -c pen-review -l undo -d 'put back what the last --keep, --drop or --apply replaced'
complete -c pen-review -l prompt -d 'print how much is held back, for a shell\'s prompt'
complete -c pen-review -l help -d 'print a summary of the options and end'
complete -c pen-review -l version -d 'print the version and end'
